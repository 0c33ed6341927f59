/* Looks at a file as soon as it is chosen, and sends it while a bar tells how far that is. */

import { toast, toastAfterwards } from "./api.js";
import { later } from "./pace.js";

const form = document.getElementById("upload");
const file = form.elements.namedItem("uploaded-files");
const section = document.getElementById("preview");
const content = document.getElementById("preview-content");
const store = form.querySelector("button:not([name])");
let asked = 0;

// A file that was mended is chosen again under its name, which browsers take for no change.
file.addEventListener("click", () => (file.value = ""));
file.addEventListener("cancel", () => (section.hidden = true));
file.addEventListener("change", look);
form.addEventListener("change", (event) => event.target !== file && look());
form.elements.namedItem("unit").addEventListener("input", later(look, 500));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.submitter && event.submitter.name === "look") look();
  else send();
});
look(); // a file may have been chosen before this script was here

async function look() {
  if (!file.files.length) return;
  const number = ++asked;
  const sent = new FormData(form);
  sent.set("look", "yes");
  section.hidden = false;
  section.setAttribute("aria-busy", "true");
  let text;
  try {
    const answer = await fetch(`${form.action}?part=preview`, { method: "POST", body: sent });
    if (!answer.ok) throw new Error(answer.status === 413 ? "The file is too large." : answer.statusText);
    text = await answer.text();
  } catch (error) {
    if (number === asked) toast(`The file could not be looked at: ${error.message}`, "error");
    return;
  }
  if (number !== asked) return; // somebody has chosen another one since
  section.removeAttribute("aria-busy");
  content.innerHTML = text; // the server has escaped what is in the file
  store.disabled = content.querySelector(".preview").dataset.good !== "yes";
}

function send() {
  const request = new XMLHttpRequest(); // fetch does not tell how much is sent
  const bar = document.getElementById("progress");
  const note = bar.querySelector("p");
  request.open("POST", form.dataset.store);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("X-CSRFToken", document.querySelector('meta[name="csrf-token"]').content);
  request.upload.addEventListener("progress", (event) => {
    bar.querySelector("progress").value = event.loaded / event.total;
    note.textContent = event.loaded < event.total ? "Sending …" : "Storing …";
  });
  request.addEventListener("loadend", () => {
    bar.hidden = true;
    store.disabled = false;
    let told = {};
    try {
      told = JSON.parse(request.responseText);
    } catch {
      // no answer, or none of ours
    }
    if (request.status === 202) location.assign(`${form.action}?job=${told.job}`);
    else if (request.status === 200) {
      toastAfterwards("The data are stored.");
      location.assign(form.dataset.done);
    } else toast(reason(told), "error");
  });
  bar.hidden = false;
  store.disabled = true;
  request.send(new FormData(form));
}

function reason(told) {
  const texts = [];
  const walk = (value) => {
    if (typeof value === "string") texts.push(value);
    else if (value && typeof value === "object") Object.values(value).forEach(walk);
  };
  walk(told.message);
  return texts.join("\n") || "The server does not answer. Nothing was stored.";
}
