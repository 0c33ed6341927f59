/* What a chart shows as a table, for those who do not see it, and for exact values. */

import { nameOf } from "./look.js";
import { number } from "./words.js";

const PAGE = 400;

function cell(tag, text, cls, scope) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (cls) made.className = cls;
  if (scope) made.scope = scope;
  return made;
}

/** Rows of texts for each kind of chart: {head, rows, days} */
export function content(data, view) {
  if (data.lines) return overTime(data, view);
  if (data.edges) {
    return {
      head: ["From", "To", "Values"],
      rows: data.counts.map((count, each) => [
        "", number(data.edges[each]), number(data.edges[each + 1]), number(count, 9),
      ]),
    };
  }
  const weekdays = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
  const hour = (each) =>
    `${data.hours > 24 ? `${weekdays[Math.floor(each / 24)]} ` : ""}${String(each % 24).padStart(2, "0")}:00`;
  return {
    head: ["Hour", `Mean${data.unit ? ` [${data.unit}]` : ""}`],
    rows: data.cells.map(([column, row, value]) => [
      view.clock.day(view.clock.moment(`${data.days[row]}T12:00`)), hour(column), number(value),
    ]),
  };
}

function overTime(data, view) {
  const lines = data.lines.filter((line) => !view.hidden.has(line.key));
  const cells = new Map();
  lines.forEach((line, column) => {
    line.starts.forEach((start, position) => {
      if (!cells.has(start)) cells.set(start, new Array(lines.length).fill(""));
      cells.get(start)[column] = number(line.values[position], 6);
    });
  });
  const moments = [...cells.keys()].sort((one, other) => one - other);
  return {
    head: ["From", ...lines.map((line) => nameOf(line, view.several) + (line.unit ? ` [${line.unit}]` : ""))],
    rows: moments.map((moment) => [view.clock.day(moment), view.clock.time(moment), ...cells.get(moment)]),
  };
}

/** Fill a table, a page at first. */
export function fill(table, more, data, view, caption) {
  const { head, rows } = content(data, view);
  table.replaceChildren();
  table.append(Object.assign(document.createElement("caption"), { textContent: caption }));
  const first = document.createElement("tr");
  head.forEach((text, order) => first.append(cell("th", text, order ? "value" : "", "col")));
  table.createTHead().append(first);
  const body = table.createTBody();
  let shown = 0;
  let day = "";
  const add = () => {
    for (const [of, ...texts] of rows.slice(shown, shown + PAGE)) {
      if (of && of !== day) {
        const row = document.createElement("tr");
        row.className = "day";
        const title = cell("th", of, "", "rowgroup");
        title.colSpan = head.length;
        row.append(title);
        body.append(row);
        day = of;
      }
      const row = document.createElement("tr");
      texts.forEach((text, order) =>
        row.append(order ? cell("td", text, "value") : cell("th", text, "", "row")),
      );
      body.append(row);
    }
    shown += PAGE;
    more.hidden = shown >= rows.length;
    more.textContent = `Show more (${Math.max(rows.length - shown, 0)} left)`;
  };
  more.onclick = add;
  add();
  return rows.length;
}
