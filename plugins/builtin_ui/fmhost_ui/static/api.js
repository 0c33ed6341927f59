/* What scripts of pages share: to ask the API, to tell the user something, and to have something
   confirmed.

     import { call, toast, confirmed } from "./api.js";

   `call(method, path, body)` asks in the name of the session. It gives the parsed answer (null for
   an empty one) and throws an ApiError for any other, whose message is what the server says. */

/** An answer that is no good one, or none at all. */
export class ApiError extends Error {
  /**
   * @param {string} message what to show
   * @param {number} status HTTP status; 0 where there was no answer
   * @param {Object<string, string[]>} fields what is wrong with which field, by dotted name
   */
  constructor(message, status, fields = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.fields = fields;
  }
}

/**
 * Ask the server.
 * @param {string} method such as "PATCH"
 * @param {string} path such as "/api/v3_0/assets/3"
 * @param {*} [body] sent as JSON; a FormData or a Blob is sent as it is
 * @param {{signal?: AbortSignal}} [options]
 * @returns {Promise<*>} the answer: parsed where it is JSON, else its text; null for an empty one
 */
export async function call(method, path, body, options = {}) {
  const headers = { Accept: "application/json" };
  const proof = document.querySelector('meta[name="csrf-token"]');
  if (proof) headers["X-CSRFToken"] = proof.content;
  const isRaw = body instanceof FormData || body instanceof Blob;
  if (body !== undefined && !isRaw) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body === undefined || isRaw ? body : JSON.stringify(body),
      credentials: "same-origin",
      signal: options.signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("The server does not answer. Is this device online?", 0);
  }
  const content = await read(answer);
  if (answer.ok) return content;
  const fields = complaints(content);
  throw new ApiError(told(content, fields, answer), answer.status, fields);
}

async function read(answer) {
  const text = await answer.text();
  if (text === "") return null;
  const type = answer.headers.get("Content-Type") || "";
  return type.includes("json") ? JSON.parse(text) : text;
}

/* The leaves of {"json": {"name": ["..."]}} by dotted names without the place of the request. */
function complaints(content) {
  const found = {};
  const walk = (value, path) => {
    if (Array.isArray(value) || typeof value === "string") {
      found[path.join(".")] = [value].flat().map(String);
    } else if (value && typeof value === "object") {
      for (const [name, part] of Object.entries(value)) {
        walk(part, name === "_schema" ? path : [...path, name]);
      }
    }
  };
  const message = content && typeof content === "object" ? content.message : null;
  if (message && typeof message === "object") {
    for (const place of Object.values(message)) walk(place, []);
  }
  return found;
}

function told(content, fields, answer) {
  const lines = Object.entries(fields).map(
    ([name, texts]) => (name ? `${name}: ` : "") + texts.join(" "),
  );
  if (lines.length) return lines.join("\n");
  if (content && typeof content.message === "string") return content.message;
  if (answer.status === 401) return "You are no longer logged in. Log in again and come back.";
  return `The server answered ${answer.status} ${answer.statusText}`.trim() + ".";
}

/**
 * Tell the user something in passing; errors stay until they are closed.
 * @param {string} message
 * @param {"success"|"info"|"error"} [kind]
 */
export function toast(message, kind = "info") {
  const note = document.createElement("div");
  note.className = `toast ${kind}`;
  note.setAttribute("role", kind === "error" ? "alert" : "status");
  const text = document.createElement("p");
  text.textContent = message;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "quiet";
  close.textContent = "Close";
  close.addEventListener("click", () => note.remove());
  note.append(text, close);
  document.getElementById("toasts").append(note);
  if (kind !== "error") setTimeout(() => note.remove(), 6000);
}

/**
 * Keep a message for the next page, which shows it as a toast: for what leads elsewhere.
 * @param {string} message
 * @param {"success"|"info"|"error"} [kind]
 */
export function toastAfterwards(message, kind = "success") {
  sessionStorage.setItem("toast", JSON.stringify([message, kind]));
}

/** Show what the page before has left. */
export function showLeftToast() {
  const left = sessionStorage.getItem("toast");
  if (!left) return;
  sessionStorage.removeItem("toast");
  toast(...JSON.parse(left));
}

/**
 * Ask for a yes in a dialog.
 * @param {string} question the heading
 * @param {{detail?: string, yes?: string, danger?: boolean}} [options] `yes`: what the button says
 * @returns {Promise<boolean>}
 */
export function confirmed(question, { detail = "", yes = "Yes", danger = false } = {}) {
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", "question");
  const form = document.createElement("form");
  form.method = "dialog";
  const heading = document.createElement("h2");
  heading.id = "question";
  heading.textContent = question;
  const words = document.createElement("p");
  words.textContent = detail;
  const buttons = document.createElement("div");
  buttons.className = "buttons";
  buttons.append(button("Cancel", "", "quiet"), button(yes, "yes", danger ? "danger" : ""));
  form.append(heading, words, buttons);
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

function button(text, value, kind) {
  const made = document.createElement("button");
  made.type = "submit";
  made.value = value;
  made.className = kind;
  made.textContent = text;
  return made;
}
