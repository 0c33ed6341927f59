/* Watches the job of a page until it ends, and loads the page again then. */

const panel = document.querySelector("[data-job][data-address]");
let pause = 500; // [ms]

if (panel) setTimeout(ask, pause);

async function ask() {
  let told = null;
  try {
    // 202 while the job is pending, 200 or 422 once it has ended
    const answer = await fetch(panel.dataset.address, { headers: { Accept: "application/json" } });
    if (answer.status !== 202) {
      location.reload();
      return;
    }
    told = await answer.json();
  } catch {
    // no connection for the moment: ask again
  }
  if (told) show(told);
  pause = Math.min(pause * 1.25, 5000);
  setTimeout(ask, pause);
}

function show(told) {
  const message = panel.querySelector("[data-message]");
  if (message.textContent !== told.message) message.textContent = told.message;
  panel.querySelector("[data-note]").textContent = told.progress_note || "";
  const bar = panel.querySelector("progress");
  if (told.progress === null || told.progress === undefined) bar.removeAttribute("value");
  else bar.value = told.progress;
}
