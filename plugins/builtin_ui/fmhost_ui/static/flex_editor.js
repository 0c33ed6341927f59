/* Makes rows of a field with JSON, one for each field of a flex-model or flex-context. The server is
   asked while one types what it would say, and nothing is saved by that. */

import { made, NOTATIONS } from "./flex_notations.js";
import { later } from "./pace.js";

class Editor {
  constructor(form) {
    this.form = form;
    this.part = form.dataset.part;
    this.fields = JSON.parse(form.dataset.fields);
    this.text = form.elements.namedItem(this.part);
    this.place = form.querySelector("[data-rows]");
    this.rows = new Map();
    this.asked = 0;
    this.check = later(() => this.ask(), 300);
    this.offer();
    this.fill();
    const wrong = JSON.parse(form.dataset.wrong);
    if (Object.keys(wrong).length) this.show(wrong, {});
    form.querySelector("[data-raw]").open = this.fields.length === 0;
    this.text.addEventListener("input", () => {
      this.fill();
      this.check();
    });
    for (const line of form.querySelectorAll("[data-inherited]")) this.offerInherited(line);
  }

  /* What can be added. */
  offer() {
    if (!this.fields.length) return;
    const select = made("select", { id: `${this.part}-add` });
    const button = made("button", { type: "button", className: "quiet" }, "Add");
    const note = made("p", { className: "hint" });
    this.choices = select;
    select.addEventListener("change", () => (note.textContent = this.fieldOf(select.value).description));
    button.addEventListener("click", () => this.add(select.value));
    const place = this.form.querySelector("[data-add]");
    place.append(
      made("label", { htmlFor: select.id }, "Another field"),
      made("div", { className: "buttons" }, select, button),
      note,
    );
    place.hidden = false;
    this.noteOfChoice = note;
  }

  offerInherited(line) {
    const name = line.dataset.inherited;
    const button = made("button", { type: "button", className: "quiet small" }, "Replace");
    button.setAttribute("aria-label", `Replace ${name} here`);
    button.addEventListener("click", () => this.add(name, JSON.parse(line.dataset.value)));
    if (!this.rows.has(name)) line.lastElementChild.append(" ", button);
  }

  fieldOf(name) {
    const known = this.fields.find((field) => field.name === name.replaceAll("_", "-"));
    return known || { name, description: "No field that the scheduler describes.", notations: ["json"], choices: [], example: "" };
  }

  /* The rows of what the text says; as they are while it cannot be read. */
  fill() {
    let value;
    try {
      value = JSON.parse(this.text.value || "{}");
    } catch {
      return;
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    this.rows.clear();
    this.place.replaceChildren();
    for (const [name, each] of Object.entries(value)) this.append(name, each);
    this.update();
  }

  append(name, value) {
    const row = new Row(this, this.fieldOf(name), name, value);
    this.rows.set(name, row);
    this.place.append(row.element);
    return row;
  }

  add(name, value) {
    if (!name || this.rows.has(name)) return;
    this.append(name, value).element.querySelector("input, select, textarea").focus();
    this.write();
  }

  remove(name) {
    this.rows.get(name).element.remove();
    this.rows.delete(name);
    this.write();
    if (this.choices) this.choices.focus();
  }

  /* The text of what the rows say. */
  write() {
    const value = {};
    let readable = true;
    for (const [name, row] of this.rows) {
      try {
        value[name] = row.read();
        row.tell("");
      } catch (error) {
        readable = false;
        row.tell(`This is no JSON: ${error.message}`);
      }
    }
    this.update();
    if (!readable) return;
    this.text.value = JSON.stringify(value, null, 2);
    this.check();
  }

  update() {
    if (!this.choices) return;
    const left = this.fields.filter((field) => !this.rows.has(field.name));
    this.choices.replaceChildren(...left.map((field) => made("option", { value: field.name }, field.name)));
    this.noteOfChoice.textContent = left.length ? left[0].description : "";
    this.form.querySelector("[data-add]").hidden = left.length === 0;
  }

  async ask() {
    const number = ++this.asked;
    const state = this.form.querySelector("[data-state]");
    const sent = new FormData(this.form);
    sent.set("rehearse", "yes");
    try {
      const answer = await fetch(this.form.action, { method: "POST", body: sent });
      if (!answer.ok) return;
      const { messages, warnings } = await answer.json();
      if (number !== this.asked) return;
      this.show(messages, warnings);
      state.textContent = Object.keys(messages).length ? "This cannot be saved yet." : "Not saved yet.";
    } catch {
      // without an answer now, what is wrong is told when it is saved
    }
  }

  show(messages, warnings) {
    const general = [];
    const ofText = [];
    const byRow = new Map([...this.rows.keys()].map((name) => [name, []]));
    for (const [place, texts] of Object.entries(messages)) {
      const path = place.replace(new RegExp(`^${this.part}\\.`), "");
      const [name, ...within] = path.split(".");
      const row = [...byRow.keys()].find((key) => key === name || key.replaceAll("_", "-") === name);
      if (row !== undefined) byRow.get(row).push((within.length ? `${within.join(".")}: ` : "") + texts.join(" "));
      else if (name === this.part) ofText.push(...texts);
      else general.push((path ? `${path}: ` : "") + texts.join(" "));
    }
    for (const [name, texts] of byRow) this.rows.get(name).tell(texts.join("\n"));
    this.tell(this.form.querySelector("[data-complaints]"), general);
    this.tell(document.getElementById(`${this.text.id}-wrong`), ofText);
    const lines = Object.entries(warnings).map(([place, texts]) => `${place}: ${texts.join(" ")}`);
    const lead = "This can be saved, and schedules would be refused for now:";
    this.tell(this.form.querySelector("[data-warnings]"), lines.length ? [lead, ...lines] : []);
  }

  tell(note, lines) {
    note.textContent = lines.join("\n");
    note.hidden = !lines.length;
  }
}

class Row {
  constructor(editor, field, name, value) {
    this.editor = editor;
    this.field = field;
    const fitting = field.notations.filter((key) => NOTATIONS[key].fits(value, field));
    this.keys = value === undefined || fitting.length ? field.notations : ["json"];
    const remove = made("button", { type: "button", className: "quiet small" }, "Remove");
    remove.setAttribute("aria-label", `Remove ${name}`);
    remove.addEventListener("click", () => editor.remove(name));
    this.note = made("p", { className: "wrong", hidden: true, id: `${editor.part}-${name}-wrong` });
    this.note.setAttribute("aria-live", "polite");
    this.inputs = made("div", { className: "flex-inputs" });
    this.element = made(
      "fieldset", { className: "flex-row", "data-field": name },
      made("legend", {}, made("code", {}, name)),
      made("div", { className: "flex-head" }, made("p", { className: "hint" }, field.description), remove),
      this.inputs,
      this.note,
    );
    this.use(fitting[0] || this.keys[0], value);
    this.element.addEventListener("input", () => editor.write());
  }

  use(key, value) {
    this.current = NOTATIONS[key].inputs(value, this.field);
    this.inputs.replaceChildren();
    if (this.keys.length > 1) {
      const select = made("select");
      select.id = `${this.note.id}-notation`;
      for (const each of this.keys) {
        select.append(made("option", { value: each, selected: each === key }, NOTATIONS[each].title));
      }
      select.addEventListener("input", (event) => {
        event.stopPropagation();
        this.use(select.value);
        this.inputs.querySelector("select").focus();
        this.editor.write();
      });
      this.inputs.append(
        made("div", { className: "flex-input" }, made("label", { htmlFor: select.id }, "Written as"), select),
      );
    }
    this.inputs.append(this.current.element);
  }

  read() {
    return this.current.read();
  }

  tell(text) {
    this.note.textContent = text;
    this.note.hidden = !text;
    for (const input of this.inputs.querySelectorAll("input, select, textarea")) {
      input.setAttribute("aria-describedby", this.note.id);
      if (text) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }
}

for (const form of document.querySelectorAll("form[data-part]")) new Editor(form);
