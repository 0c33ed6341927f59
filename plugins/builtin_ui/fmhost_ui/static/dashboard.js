/* The dashboard: the map with what is where, and groups of assets to choose from. */

import { call, toast } from "./api.js";
import { WorldMap } from "./map.js";

/* Lines within a circle of a radius of 13, by what the name of an asset type has in it. */
const ICONS = [
  [/solar|pv/i, "M-7 4L-5 -4H5L7 4ZM-6 0H6M0 -4V4"],
  [/wind/i, "M0 -1V8M0 -1L0 -8M0 -1L6 3M0 -1L-6 3"],
  [/battery|storage/i, "M-7 -4H5V4H-7ZM7 -1.5V1.5M-4 -1.5V1.5M-1 -1.5V1.5"],
  [/evse|charge|vehicle/i, "M1 -8L-4 1H1L-1 8L5 -2H0Z"],
  [/heat|boiler|cool|freez/i, "M0 -7C5 -2 5 0 5 2A5 5 0 0 1 -5 2C-5 0 -3 -2 0 -7Z"],
  [/build|house|site|home/i, "M-7 0L0 -6L7 0M-5 -1V6H5V-1"],
  [/market|zone|price|tariff/i, "M-6 5L-2 -1L2 2L6 -5M6 -5H2M6 -5V-1"],
  [/process|industr|machine|pump/i, "M-7 6V-1L-2 2V-1L3 2V-6H7V6Z"],
];

const frame = document.getElementById("map");
if (frame) start().catch((error) => toast(error.message, "error"));
const table = document.querySelector("[data-states]");
if (table) tellStates().catch((error) => toast(error.message, "error"));

/* What each group does at present comes after the page, which need not wait for it. */
async function tellStates() {
  const { states } = await call("GET", table.dataset.states);
  for (const row of table.querySelectorAll("tr[data-group]")) {
    const known = states[row.dataset.group];
    const of = known && known.of < Number(row.querySelector(".value").textContent) ? ` (${known.of} of them)` : "";
    const cell = row.querySelector("[data-part='state']");
    cell.textContent = known ? known.state + of : "not known lately";
    cell.classList.toggle("unknown", !known);
    row.querySelector("[data-part='at']").textContent = known ? known.at : "";
  }
}

async function start() {
  const found = await call("GET", frame.dataset.places);
  const marks = found.places.map(([id, name, group, type, latitude, longitude]) => ({
    id, latitude, longitude,
    group: found.groups[group].key,
    label: `${name}, ${type}`,
    name,
    kind: `series-${group % 8}`,
    icon: ICONS.find(([pattern]) => pattern.test(type))?.[1] ?? "",
  }));
  const map = new WorldMap(frame, {
    ...found,
    label: "Map of assets. Arrow keys move it, plus and minus zoom.",
    onPick: (picked, spot) => openPopup(picked, spot),
    onMove: closePopup,
    onClick: closePopup,
  });
  const choose = (group) => {
    closePopup();
    map.setMarks(marks.filter((mark) => !group || mark.group === group));
  };
  choose(frame.dataset.group);
  map.showMarks();
  if (!marks.length) map.remark("No asset has a location yet.");
}

function closePopup() {
  frame.querySelector(".popup")?.remove();
}

async function openPopup(picked, [x, y]) {
  closePopup();
  const popup = document.createElement("section");
  popup.className = "popup";
  popup.setAttribute("role", "dialog");
  popup.setAttribute("aria-label", picked.length > 1 ? "Assets at this place" : picked[0].name);
  popup.tabIndex = -1;
  popup.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      closePopup();
      frame.querySelector("svg").focus();
    }
  });
  const close = document.createElement("button");
  close.type = "button";
  close.className = "quiet close";
  close.textContent = "×";
  close.setAttribute("aria-label", "Close");
  close.addEventListener("click", closePopup);
  popup.append(close);
  frame.append(popup);
  const place = () => {
    const left = Math.min(Math.max(x + 18, 8), frame.clientWidth - popup.offsetWidth - 8);
    const top = Math.min(Math.max(y - 20, 8), frame.clientHeight - popup.offsetHeight - 8);
    popup.style.left = `${Math.max(left, 8)}px`;
    popup.style.top = `${Math.max(top, 8)}px`;
  };
  try {
    if (picked.length > 1) popup.append(several(picked, [x, y]));
    else popup.append(...one(await call("GET", `/dashboard/places/${picked[0].id}`)));
  } catch (error) {
    popup.append(text("p", error.message));
  }
  place();
  popup.focus();
}

function several(picked, spot) {
  const list = document.createElement("ul");
  for (const mark of picked.slice(0, 30)) {
    const row = document.createElement("li");
    const button = text("button", mark.name, "quiet small");
    button.type = "button";
    button.addEventListener("click", () => openPopup([mark], spot));
    row.append(button);
    list.append(row);
  }
  if (picked.length > 30) list.append(text("li", `and ${picked.length - 30} more`, "soft"));
  return list;
}

function one(asset) {
  const heading = document.createElement("h3");
  const link = text("a", asset.name);
  link.href = asset.url;
  heading.append(link);
  const parts = [heading, text("p", `${asset.type}, ${asset.owner}`, "soft")];
  if (asset.story) parts.push(text("p", asset.story));
  const values = document.createElement("dl");
  for (const each of asset.values) {
    values.append(text("dt", each.name), text("dd", `${each.value} at ${each.at}`));
  }
  parts.push(asset.values.length ? values : text("p", "No value recorded lately.", "soft"));
  return parts;
}

function text(tag, words, className = "") {
  const made = document.createElement(tag);
  made.textContent = words;
  if (className) made.className = className;
  return made;
}
