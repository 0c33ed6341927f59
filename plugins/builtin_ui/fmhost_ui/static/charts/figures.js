/* The key figures of an asset, for the days that begin within what its chart shows. */

import { call, toast } from "../api.js";
import { withUnit } from "./words.js";

/** Keep a list of figures up to date with a chart. */
export function follow(list, chart) {
  let shown = "";
  chart.box.addEventListener("drawn", async () => {
    const query = new URLSearchParams({
      start: chart.clock.iso(chart.start),
      end: chart.clock.iso(chart.end),
    }).toString();
    if (query === shown) return;
    shown = query;
    try {
      const { data } = await call("GET", `${list.dataset.figures}?${query}`);
      list.replaceChildren(...data.map(tile));
    } catch (error) {
      toast(error.message, "error");
    }
  });
}

function tile(figure) {
  const item = document.createElement("li");
  const value = document.createElement("strong");
  value.textContent = withUnit(figure.downsample_value, figure.unit);
  const title = document.createElement("span");
  title.textContent = `${figure.title} (${figure.downsample_function})`;
  item.append(value, title);
  return item;
}
