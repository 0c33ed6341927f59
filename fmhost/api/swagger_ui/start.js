// Shows the document that the page names. A file of its own, because the page forbids scripts inside it.
window.addEventListener("load", () => {
  const place = document.getElementById("api");
  window.SwaggerUIBundle({
    domNode: place,
    url: place.dataset.document,
    deepLinking: true,
    docExpansion: "list",
    validatorUrl: null,
  });
});
