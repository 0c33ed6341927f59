/* The chart over time as ECharts takes it: a grid per row, one time axis for all. */

import { dashes } from "./look.js";
import { changingLimit } from "./limits.js";
import { timeTicks } from "./ticks.js";
import { number } from "./words.js";

/* Moments that are closer than this are joined without dots [px]. */
const DOTS_APART = 9;

/** How high the chart is [px]. */
export function heightOf(rows, width) {
  const each = rowHeight(rows.length, width);
  return rows.length * (each + 44) + 34;
}

function rowHeight(count, width) {
  if (width < 560) return count > 1 ? 140 : 220;
  return count === 1 ? 300 : count === 2 ? 200 : 165;
}

/**
 * @param {object} data what road.load gives
 * @param {object} view {start, end, now, known, hidden: Set, width, clock, colours, names: Map}
 */
export function timeOptions(data, view) {
  const { rows } = data;
  const { colours, width } = view;
  const height = rowHeight(rows.length, width);
  const narrow = width < 560;
  const twoSided = rows.some((row) => row.units.length > 1);
  const left = narrow ? 48 : 64;
  const right = twoSided ? left : narrow ? 14 : 22;
  const ticks = timeTicks(view.start, view.end, view.clock, Math.max(3, (width - left - right) / 82));
  const option = {
    animation: false,
    textStyle: { fontFamily: colours.font, color: colours.text },
    grid: [],
    xAxis: [],
    yAxis: [],
    series: [],
    axisPointer: { link: [{ xAxisIndex: "all" }] },
  };
  rows.forEach((row, index) => {
    const top = 36 + index * (height + 44);
    option.grid.push({ left, right, top, height, outerBoundsMode: "none" });
    option.xAxis.push(timeAxis(index, ticks, view, index === rows.length - 1));
    const axes = (row.units.length ? row.units : [""]).map((unit, order) => {
      option.yAxis.push(valueAxis(row, unit, order, index, view));
      return option.yAxis.length - 1;
    });
    addRow(option, data, view, row, index, axes);
  });
  return option;
}

function timeAxis(index, ticks, { start, end, clock, colours }, labelled) {
  let shown = "";
  const labels = new Map();
  for (const tick of ticks) {
    const day = clock.shortDay(tick);
    const time = clock.time(tick);
    const first = day !== shown;
    labels.set(tick, time === "00:00" ? `{day|${day}}` : first ? `{time|${time}}\n{day|${day}}` : `{time|${time}}`);
    shown = day;
  }
  return {
    type: "time",
    gridIndex: index,
    min: start,
    max: end,
    axisLine: { onZero: false, lineStyle: { color: colours.midnight } },
    axisTick: { customValues: ticks, lineStyle: { color: colours.midnight } },
    axisLabel: {
      show: labelled,
      customValues: ticks,
      hideOverlap: true,
      alignMaxLabel: "right",
      formatter: (value) => labels.get(value) || "",
      rich: {
        day: { color: colours.text, fontWeight: 600, fontSize: 12, lineHeight: 18 },
        time: { color: colours.soft, fontSize: 12, lineHeight: 18 },
      },
    },
    splitLine: { show: true, lineStyle: { color: colours.grid } },
    axisPointer: { show: true, label: { show: false }, lineStyle: { color: colours.soft, type: "solid" } },
  };
}

/* What stands in a pattern of ECharts must not read like one. */
function plain(text) {
  return text.replaceAll("{", "(").replaceAll("}", ")").replaceAll("|", "/");
}

function valueAxis(row, unit, order, index, { colours, width }) {
  const axis = {
    type: "value",
    gridIndex: index,
    position: order ? "right" : "left",
    name: `{title|${order ? "" : plain(row.title)}}${unit ? `{unit| ${plain(unit)}}` : ""}`,
    nameGap: 12,
    nameTextStyle: {
      align: order ? "right" : "left",
      padding: order ? [0, -20, 0, 0] : [0, 0, 0, width < 560 ? -40 : -56],
      rich: {
        title: { color: colours.text, fontWeight: 600, fontSize: 13 },
        unit: { color: colours.soft, fontSize: 13 },
      },
    },
    nameTruncate: { maxWidth: width - 40 },
    splitNumber: 4,
    boundaryGap: ["3%", "3%"],
    axisLabel: { color: colours.soft, formatter: (value) => number(value) },
    splitLine: { show: order === 0, lineStyle: { color: colours.grid } },
    axisPointer: { show: false },
  };
  const wanted = row.y_axis;
  if (wanted === "data") axis.scale = true;
  else if (Array.isArray(wanted)) {
    axis.scale = true;
    axis.min = ({ min }) => Math.min(min, wanted[0]);
    axis.max = ({ max }) => Math.max(max, wanted[1]);
  } else if (wanted && typeof wanted === "object") {
    axis.min = wanted.min;
    axis.max = wanted.max;
  }
  return axis;
}

function addRow(option, data, view, row, index, axes) {
  const base = { xAxisIndex: index };
  const drawn = data.lines.filter((line) => String(line.sensor) in row.axes && !view.hidden.has(line.key));
  for (const line of drawn) {
    const yAxisIndex = axes[row.units.indexOf(row.axes[line.sensor])];
    const color = view.colours[view.names.get(line.key)];
    for (const band of line.bands) option.series.push({ ...base, yAxisIndex, ...bandSeries(line, band, color) });
    option.series.push({ ...base, yAxisIndex, ...lineSeries(line, color, view.filled && row.y_axis === "zero", view) });
  }
  for (const limit of row.fixed) {
    const yAxisIndex = axes[row.units.indexOf(limit.unit)];
    option.series.push({ ...base, yAxisIndex, ...limitSeries(limit, view) });
  }
  for (const limit of data.limits) {
    if (!(String(limit.sensor) in row.axes)) continue;
    const yAxisIndex = axes[row.units.indexOf(row.axes[limit.sensor])];
    for (const series of changingLimit(limit, view)) option.series.push({ ...base, yAxisIndex, ...series });
  }
  option.series.push({ ...base, yAxisIndex: axes[0], ...marks(data, view, index) });
}

/* How far the points of a line are from each other on average [px]. */
function apart({ starts }, { start, end, width }) {
  const share = (starts.at(-1) - starts[0]) / (end - start);
  return starts.length > 1 ? (share * width) / (starts.length - 1) : width;
}

function lineSeries(line, color, filled, view) {
  const dotted = line.instantaneous && apart(line, view) >= DOTS_APART;
  return {
    name: line.key,
    type: "line",
    data: line.corners(),
    step: line.instantaneous ? false : "end",
    showSymbol: dotted,
    symbol: "circle",
    symbolSize: 5,
    connectNulls: false,
    lineStyle: { color, width: 2, type: dashes(line.kind), join: "round" },
    itemStyle: { color },
    areaStyle: filled && line.kind === "recorded" ? { color, opacity: 0.12, origin: 0 } : undefined,
    emphasis: { disabled: true },
    z: { recorded: 5, scheduled: 4, forecast: 3 }[line.kind],
  };
}

/* One shape per part without gaps; the first item of the data draws them all. */
function bandSeries(line, band, color) {
  const lower = line.corners(band.lower);
  const upper = line.corners(band.upper);
  const data = lower.map(([moment, low], order) => [moment, low, upper[order][1]]);
  return {
    name: line.key,
    type: "custom",
    silent: true,
    clip: true,
    z: 2,
    encode: { x: 0, y: [1, 2], tooltip: [] },
    data: data.filter((each) => each[1] !== null),
    renderItem: (params, api) =>
      params.dataIndex === 0
        ? { type: "group", children: shapes(data, line.instantaneous, api, color) }
        : undefined,
  };
}

function shapes(data, smooth, api, color) {
  const found = [];
  let above = [];
  let below = [];
  const add = (corners, moment, value) => {
    const point = api.coord([moment, value]);
    if (!smooth && corners.length) corners.push([point[0], corners.at(-1)[1]]);
    corners.push(point);
  };
  for (const [moment, low, high] of data) {
    if (low === null || high === null) {
      if (above.length > 1) found.push(shape([...above, ...below.reverse()], color));
      above = [];
      below = [];
    } else {
      add(above, moment, high);
      add(below, moment, low);
    }
  }
  return found;
}

function shape(points, color) {
  return { type: "polygon", shape: { points }, style: { fill: color, opacity: 0.16 } };
}

function limitSeries({ label, value, unit }, { start, end, colours }) {
  return {
    name: label,
    type: "line",
    silent: true,
    data: [[start, value], [end, value]],
    showSymbol: false,
    lineStyle: { color: colours.soft, width: 1, type: [2, 4] },
    itemStyle: { color: colours.soft },
    endLabel: {
      show: true,
      formatter: plain(`${label} ${number(value)} ${unit}`),
      color: colours.soft,
      textBorderColor: colours.paper,
      textBorderWidth: 3,
      fontSize: 11,
      align: "right",
      verticalAlign: "bottom",
      offset: [-6, -3],
    },
    emphasis: { disabled: true },
    tooltip: { show: false },
    z: 1,
  };
}

function marks(data, view, index) {
  const { colours, now, known, start, end } = view;
  const lines = [];
  const at = (moment, text, color) => {
    if (moment < start || moment > end) return;
    lines.push({
      xAxis: moment,
      lineStyle: { color, width: 1.5, type: "solid" },
      label: { show: index === 0, formatter: text, color, fontWeight: 600, position: "end", distance: 4 },
    });
  };
  if (known !== undefined) at(known, "known then", colours["series-4"]);
  else at(now, "now", colours.now);
  return {
    type: "line",
    name: "marks",
    silent: true,
    data: [],
    tooltip: { show: false },
    markLine: { silent: true, symbol: "none", animation: false, data: lines },
    markArea: {
      silent: true,
      itemStyle: { color: colours.forecast, opacity: 0.12 },
      label: { show: index === 0, color: colours.soft, fontSize: 11, position: "insideTopLeft", overflow: "truncate" },
      data: data.annotations.map((each) => [
        { name: each.content.split("\n")[0].slice(0, 40), xAxis: each.start },
        { xAxis: each.end },
      ]),
    },
    z: 6,
  };
}
