/* Asks the server, while a form is filled in, what it would say to it; nothing is saved by that.
   It is asked where the form goes, or at the address in data-rehearse.

   Said is only what is wrong with fields that somebody has touched, and with none of the form. The
   note of a field NAME is the element NAME-wrong; that of the rest has the attribute data-rest. */

import { later } from "./pace.js";

for (const form of document.querySelectorAll("form[data-rehearse]")) watch(form);

function watch(form) {
  const touched = new Set();
  let asked = 0;
  const ask = later(async () => {
    const number = ++asked;
    const sent = new FormData(form);
    sent.set("rehearse", "yes");
    let messages;
    try {
      const answer = await fetch(form.dataset.rehearse || form.action, { method: "POST", body: sent });
      if (!answer.ok) return;
      ({ messages } = await answer.json());
    } catch {
      return; // what is wrong is told when the form is sent
    }
    if (number !== asked) return;
    for (const name of touched) tell(form, name, messages);
    tellRest(form, messages);
  }, 350);
  form.addEventListener("input", (event) => {
    if (event.target.name) touched.add(event.target.name);
    ask();
  });
}

function tell(form, name, messages) {
  const note = document.getElementById(`${name}-wrong`);
  if (!note) return;
  const texts = Object.entries(messages)
    .filter(([place]) => place === name || place.startsWith(`${name}.`))
    .flatMap(([place, found]) =>
      place === name ? found : found.map((text) => `${place.slice(name.length + 1)}: ${text}`),
    );
  note.textContent = texts.join("\n");
  note.hidden = !texts.length;
  for (const field of form.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (texts.length) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }
}

function tellRest(form, messages) {
  const note = form.querySelector("[data-rest]");
  if (!note) return;
  const lines = Object.entries(messages)
    .filter(([place]) => !document.getElementById(`${place}-wrong`))
    .map(([place, texts]) => (place ? `${place}: ` : "") + texts.join(" "));
  note.textContent = lines.join("\n");
  note.hidden = !lines.length;
}
