/* What the chart tells where somebody points, and zooming by dragging and turning the wheel. */

import { graphic } from "../vendor/echarts/echarts.js";
import { toldLimits } from "./limits.js";
import { horizon, withUnit } from "./words.js";

const FEW_PIXELS = 6;

function element(tag, cls, text) {
  const made = document.createElement(tag);
  if (cls) made.className = cls;
  if (text !== undefined) made.textContent = text;
  return made;
}

/** The content of the box beside the pointer; null where nothing is known. */
export function told(moment, data, view) {
  const tolerance = ((view.end - view.start) / view.width) * 12;
  const box = element("div", "told");
  box.append(element("strong", "", view.clock.full(moment)));
  const remarks = data.annotations.filter((each) => each.start <= moment && moment < each.end);
  for (const each of remarks) box.append(element("p", "told-remark", each.content));
  const table = element("table");
  for (const line of data.lines) {
    if (view.hidden.has(line.key)) continue;
    const position = line.at(moment, tolerance);
    if (position >= 0) table.append(toldLine(line, position, view));
  }
  if (table.rows.length) box.append(table);
  const limits = table.rows.length ? toldLimits(data, moment, tolerance) : [];
  if (limits.length) box.append(element("p", "soft", limits.join(", ")));
  return table.rows.length || remarks.length ? box : null;
}

function toldLine(line, position, view) {
  const row = element("tr");
  const mark = element("td");
  mark.append(swatch(view.colours[view.names.get(line.key)], line.kind));
  const value = element("td", "value", withUnit(line.values[position], line.unit));
  const words = element("td");
  const several = view.several ? `${line.about.name} (${line.about.asset}): ` : "";
  words.append(element("span", "", `${several}${line.source.label} (source ${line.source.id})`));
  const recorded = view.clock.full(line.recordedAt(position));
  words.append(element("span", "soft", `recorded ${recorded}, ${horizon(line.horizonAt(position))}`));
  for (const band of line.bands) {
    const percent = Math.round((band.high - band.low) * 100);
    const [low, high] = [band.lower[position], band.upper[position]].map((each) => withUnit(each, line.unit));
    words.append(element("span", "soft", `${percent}% between ${low} and ${high}`));
  }
  row.append(mark, value, words);
  return row;
}

/** A piece of a line, for legends. */
export function swatch(color, kind) {
  const space = "http://www.w3.org/2000/svg";
  const picture = document.createElementNS(space, "svg");
  picture.setAttribute("viewBox", "0 0 30 8");
  picture.setAttribute("width", "30");
  picture.setAttribute("height", "8");
  picture.setAttribute("class", "swatch");
  picture.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(space, "path");
  line.setAttribute("d", "M1 4H29");
  line.setAttribute("fill", "none");
  line.setAttribute("stroke", color);
  line.setAttribute("stroke-width", "2.5");
  const dash = { scheduled: "7 4", forecast: "2 3" }[kind];
  if (dash) line.setAttribute("stroke-dasharray", dash);
  picture.append(line);
  return picture;
}

/** Where the pointer is in time; NaN outside the grids. */
function momentAt(chart, view, x, y) {
  for (let grid = 0; grid < view.rows; grid += 1) {
    if (chart.containPixel({ gridIndex: grid }, [x, y])) {
      return chart.convertFromPixel({ xAxisIndex: grid }, x);
    }
  }
  return NaN;
}

/**
 * Choose a time by dragging over it, and zoom with the wheel while Ctrl is held.
 * @param {() => object} view what is shown now
 * @param {(start: number, end: number, hasty: boolean) => void} choose
 */
export function listen(chart, view, choose) {
  const screen = chart.getZr();
  let from = null;
  let cover = null;
  const finish = () => {
    if (cover) screen.remove(cover);
    from = cover = null;
  };
  screen.on("mousedown", (event) => {
    const moment = momentAt(chart, view(), event.offsetX, event.offsetY);
    if (!Number.isNaN(moment)) from = { x: event.offsetX, moment };
  });
  screen.on("mousemove", (event) => {
    if (!from) return;
    if (!cover) {
      cover = new graphic.Rect({ silent: true, z: 100, style: { fill: view().colours.accent, opacity: 0.15 } });
      screen.add(cover);
    }
    const height = chart.getHeight();
    cover.attr({ shape: { x: Math.min(from.x, event.offsetX), y: 0, width: Math.abs(event.offsetX - from.x), height } });
  });
  screen.on("mouseup", (event) => {
    if (!from) return;
    const { x, moment } = from;
    finish();
    if (Math.abs(event.offsetX - x) < FEW_PIXELS) return;
    const other = chart.convertFromPixel({ xAxisIndex: 0 }, event.offsetX);
    const limited = Math.min(Math.max(other, view().start), view().end);
    choose(Math.min(moment, limited), Math.max(moment, limited), false);
  });
  screen.on("globalout", finish);
  screen.on("mousewheel", (event) => {
    if (!event.event.ctrlKey) return;
    event.event.preventDefault();
    const { start, end } = view();
    const moment = momentAt(chart, view(), event.offsetX, event.offsetY);
    if (Number.isNaN(moment)) return;
    const factor = event.wheelDelta > 0 ? 0.8 : 1.25;
    choose(moment - (moment - start) * factor, moment + (end - moment) * factor, true);
  });
}
