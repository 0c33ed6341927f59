/* Choosing what the graphs of an asset show: rows of sensors, kept by the API. */

import { call, toast, toastAfterwards } from "../api.js";

function made(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** What the API calls a row that has no title. */
const NO_TITLE = "No Title";

/** A row as the API takes it, from any of the forms in which it may be stored. */
function understood(row) {
  if (typeof row === "number") return { sensors: [row] };
  if (Array.isArray(row)) return { sensors: [...row] };
  if (row.plots) return { other: row, title: row.title };
  const sensors = row.sensors || [row.sensor];
  const title = row.title === NO_TITLE ? "" : row.title;
  return { sensors: [...sensors], title, axis: row["y-axis"] };
}

export class Editor {
  /** @param {HTMLElement} box see ui/_graph_editor.html */
  constructor(box) {
    this.box = box;
    this.part = (name) => box.querySelector(`[data-part="${name}"]`);
    this.names = new Map(
      [...box.querySelectorAll("datalist option")].map((each) => [Number(each.value), each.textContent]),
    );
    this.rows = JSON.parse(box.dataset.rows || "[]").map(understood);
    this.part("add").addEventListener("click", () => {
      this.rows.push({ sensors: [] });
      this.draw();
      this.part("rows").lastElementChild.querySelector("input").focus();
    });
    this.part("keep").addEventListener("click", () => this.keep());
    this.draw();
  }

  draw() {
    this.part("rows").replaceChildren(...this.rows.map((row, place) => this.item(row, place)));
  }

  item(row, place) {
    const item = made("li", { className: "graph-row" });
    const title = made("input", { type: "text", value: row.title || "", placeholder: "Title" });
    title.setAttribute("aria-label", `Title of row ${place + 1}`);
    title.disabled = Boolean(row.other);
    title.addEventListener("input", () => (row.title = title.value));
    item.append(title);
    if (row.other) item.append(made("span", { className: "soft", textContent: "shows fields of flex-models; it is kept as it is" }));
    else item.append(this.sensors(row), this.choice(row, place), this.axis(row, place));
    item.append(
      this.button("↑", `Move row ${place + 1} up`, place === 0, () => this.move(place, -1)),
      this.button("↓", `Move row ${place + 1} down`, place === this.rows.length - 1, () => this.move(place, 1)),
      this.button("Remove", `Remove row ${place + 1}`, false, () => {
        this.rows.splice(place, 1);
        this.draw();
      }),
    );
    return item;
  }

  button(text, label, disabled, action) {
    const button = made("button", { type: "button", className: "quiet small", textContent: text, disabled });
    button.setAttribute("aria-label", label);
    button.addEventListener("click", action);
    return button;
  }

  sensors(row) {
    const list = made("ul", { className: "badges" });
    for (const id of row.sensors) {
      const name = this.names.get(id) || `sensor ${id}`;
      const remove = this.button("×", `Remove ${name}`, false, () => {
        row.sensors = row.sensors.filter((each) => each !== id);
        this.draw();
      });
      list.append(made("li", { className: "badge" }, `${name} `, remove));
    }
    return list;
  }

  choice(row, place) {
    const select = made("select");
    select.setAttribute("aria-label", `Add a sensor to row ${place + 1}`);
    select.append(made("option", { value: "", textContent: "Add a sensor" }));
    for (const [id, name] of this.names) {
      if (!row.sensors.includes(id)) select.append(made("option", { value: id, textContent: name }));
    }
    select.addEventListener("change", () => {
      row.sensors.push(Number(select.value));
      this.draw();
    });
    return select;
  }

  axis(row, place) {
    const select = made("select");
    select.setAttribute("aria-label", `Axis of row ${place + 1}`);
    const known = [["zero", "axis from zero"], ["data", "axis fits the values"]];
    if (row.axis && typeof row.axis === "object") known.push(["", "axis with limits"]);
    for (const [value, textContent] of known) select.append(made("option", { value, textContent }));
    select.value = typeof row.axis === "object" ? "" : row.axis || "zero";
    select.addEventListener("change", () => (row.axis = select.value || row.axis));
    return select;
  }

  move(place, by) {
    const [row] = this.rows.splice(place, 1);
    this.rows.splice(place + by, 0, row);
    this.draw();
  }

  async keep() {
    const rows = this.rows
      .filter((row) => row.other || row.sensors.length)
      .map((row) => row.other || {
        ...(row.title && { title: row.title }),
        sensors: row.sensors,
        ...(row.axis && { "y-axis": row.axis }),
      });
    try {
      await call("PATCH", this.box.dataset.editor, { sensors_to_show: rows });
      toastAfterwards("The graphs show what you chose.");
      location.reload();
    } catch (error) {
      toast(error.message, "error");
    }
  }
}
