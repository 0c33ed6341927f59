/* Says while JSON is typed whether it can be read; the server says what it thinks of it later. */

import { later } from "./pace.js";

for (const field of document.querySelectorAll("textarea[data-json]")) {
  field.addEventListener("input", later(() => tell(field), 300));
}

function tell(field) {
  const note = document.getElementById(`${field.id}-wrong`);
  let reason = "";
  if (field.value.trim()) {
    try {
      JSON.parse(field.value);
    } catch (error) {
      reason = `This is no JSON: ${error.message}`;
    }
  }
  note.textContent = reason;
  note.hidden = !reason;
  if (reason) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}
