/* Saving what a chart shows: its values as CSV and JSON, itself as PNG and SVG. */

import { init } from "../vendor/echarts/echarts.js";
import { nameOf } from "./look.js";

function download(name, address) {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}

function downloadText(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  download(name, address);
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** One record per value, with all that is known about it. */
export function records(data, clock) {
  return data.lines.flatMap((line) =>
    line.values.map((value, position) => ({
      event_start: clock.iso(line.starts[position]),
      sensor_id: line.about.id,
      sensor: line.about.name,
      asset: line.about.asset,
      event_value: value,
      unit: line.unit,
      source_id: line.source.id,
      source: line.source.label,
      source_type: line.source.type,
      belief_time: clock.iso(line.recordedAt(position)),
      belief_horizon_seconds: line.horizonAt(position) / 1000,
    })),
  );
}

function quoted(value) {
  const text = String(value);
  // A cell that begins like a formula must not become one.
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** @param {object} whole the data in all their points */
export function saveCsv(name, whole, clock) {
  const rows = records(whole, clock);
  const head = Object.keys(rows[0] || { event_start: "" });
  const lines = [head, ...rows.map((row) => head.map((key) => row[key]))];
  downloadText(`${name}.csv`, "text/csv", `${lines.map((line) => line.map(quoted).join(",")).join("\r\n")}\r\n`);
}

export function saveJson(name, whole, clock) {
  downloadText(`${name}.json`, "application/json", JSON.stringify(records(whole, clock), null, 1));
}

/* The chart with a legend in it, as a picture has nothing beside it. */
function forPicture(option, data, view, height) {
  const names = new Map((data.lines || []).map((line) => [line.key, nameOf(line, view.several)]));
  return {
    ...option,
    backgroundColor: view.colours.paper,
    legend: {
      show: names.size > 0,
      top: height,
      left: "center",
      orient: "vertical",
      data: [...names.keys()].filter((key) => !view.hidden.has(key)),
      formatter: (key) => names.get(key) || key,
      textStyle: { color: view.colours.text },
    },
  };
}

/** @param {"png"|"svg"} kind */
export function savePicture(name, kind, option, data, view, height) {
  const shown = (data.lines || []).filter((line) => !view.hidden.has(line.key)).length;
  const size = { width: view.width, height: height + shown * 26 + 10 };
  if (kind === "svg") {
    const chart = init(null, null, { renderer: "svg", ssr: true, ...size });
    chart.setOption(forPicture(option, data, view, height));
    downloadText(`${name}.svg`, "image/svg+xml", chart.renderToSVGString());
    chart.dispose();
    return;
  }
  const chart = init(document.createElement("div"), null, { renderer: "canvas", ...size });
  chart.setOption(forPicture(option, data, view, height));
  download(`${name}.png`, chart.getDataURL({ type: "png", pixelRatio: 2 }));
  chart.dispose();
}
