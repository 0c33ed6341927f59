/* What runs on every page: the menu of phones, and what the page before has to say. */

import { showLeftToast } from "./api.js";

showLeftToast();

const opener = document.getElementById("menu-opener");
if (opener) {
  opener.hidden = false;
  const bar = opener.closest(".bar");
  bar.classList.add("folding");
  opener.addEventListener("click", () => {
    const open = bar.classList.toggle("open");
    opener.setAttribute("aria-expanded", String(open));
  });
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && bar.classList.contains("open")) {
      opener.click();
      opener.focus();
    }
  });
}
