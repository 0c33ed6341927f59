/* Forms that ask before they do something, and a button that copies what is shown once. */

import { confirmed, toast } from "./api.js";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.ask || form.dataset.said) return;
  event.preventDefault();
  const detail = form.dataset.detail ?? "";
  if (await confirmed(form.dataset.ask, { detail, yes: form.innerText.trim() || "Yes", danger: true })) {
    form.dataset.said = "yes";
    form.requestSubmit();
  }
});

const copy = document.getElementById("copy");
if (copy && navigator.clipboard) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(document.getElementById("secret").textContent);
      toast("Copied.", "success");
    } catch {
      toast("This browser does not let pages copy. Mark the text and copy it.", "error");
    }
  });
}
