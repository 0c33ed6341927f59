/* Keeps a part of the page up to date: asks for the page again, and puts in what has changed.
   It rests while somebody fills in a form there, while the page is hidden, and when it is told to. */

let part = document.querySelector("[data-live]");
const pause = document.getElementById("pause");
let rests = false;

if (pause) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    rests = !rests;
    pause.setAttribute("aria-pressed", String(rests));
  });
}

function isBusy() {
  const active = document.activeElement;
  const typing = active && part.contains(active) && active.matches("input, select, textarea, summary");
  return rests || document.hidden || typing || document.querySelector("dialog[open]");
}

async function refresh() {
  if (!part || !part.dataset.live) return;
  if (!isBusy()) {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (answer.redirected && new URL(answer.url).pathname === "/login") return location.reload();
      if (answer.ok) replace(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // Without an answer the page stays as it is, and asks again.
    }
  }
  return setTimeout(refresh, Number(part.dataset.live));
}

function replace(page) {
  const fresh = page.querySelector(".stack");
  if (!fresh || isBusy() || fresh.innerHTML === part.innerHTML) return;
  const active = part.contains(document.activeElement) ? document.activeElement : null;
  const [held, id] = [active?.getAttribute("href"), active?.id];
  const next = document.importNode(fresh, true);
  part.replaceWith(next);
  part = next;
  if (id) document.getElementById(id)?.focus();
  else if (held) part.querySelector(`a[href="${CSS.escape(held)}"]`)?.focus();
}

if (part) setTimeout(refresh, Number(part.dataset.live));
