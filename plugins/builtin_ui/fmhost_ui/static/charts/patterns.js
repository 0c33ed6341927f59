/* The histogram and the heatmaps of a sensor as ECharts takes them. */

import { number, withUnit } from "./words.js";

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

function frame(colours) {
  return {
    animation: false,
    textStyle: { fontFamily: colours.font, color: colours.text },
    grid: { left: 64, right: 22, top: 36, bottom: 60, outerBoundsMode: "none" },
  };
}

function axis(colours, more) {
  return {
    axisLine: { onZero: false, lineStyle: { color: colours.midnight } },
    axisTick: { lineStyle: { color: colours.midnight } },
    axisLabel: { color: colours.soft },
    splitLine: { show: false },
    nameTextStyle: { color: colours.soft },
    ...more,
  };
}

export function histogramOptions({ edges, counts, unit }, { colours }) {
  const low = edges[0];
  const high = edges.at(-1);
  return {
    ...frame(colours),
    tooltip: {
      trigger: "item",
      renderMode: "richText",
      backgroundColor: colours.raised,
      borderColor: colours.edge,
      textStyle: { color: colours.text },
      formatter: ({ dataIndex: each }) =>
        `${number(edges[each])} to ${withUnit(edges[each + 1], unit)}: ${number(counts[each], 9)} values`,
    },
    xAxis: axis(colours, { type: "value", min: low, max: high, name: unit, nameLocation: "middle", nameGap: 32,
      axisLabel: { color: colours.soft, formatter: (value) => number(value) } }),
    yAxis: axis(colours, { type: "value", name: "Values", axisLabel: { color: colours.soft, formatter: (value) => number(value, 9) }, splitLine: { show: true, lineStyle: { color: colours.grid } } }),
    series: {
      type: "custom",
      name: "histogram",
      encode: { x: [0, 1], y: 2 },
      data: counts.map((count, each) => [edges[each], edges[each + 1], count]),
      renderItem: (params, api) => {
        const [left, top] = api.coord([api.value(0), api.value(2)]);
        const [right, bottom] = api.coord([api.value(1), 0]);
        const width = Math.max(right - left - 1, 1);
        return {
          type: "rect",
          shape: { x: left, y: top, width, height: bottom - top },
          style: { fill: colours["series-1"] },
        };
      },
    },
  };
}

export function heatmapOptions({ days, hours, cells, unit }, { colours, clock }) {
  const values = cells.map((cell) => cell[2]);
  const low = values.length ? values.reduce((a, b) => Math.min(a, b)) : 0;
  const high = values.length ? values.reduce((a, b) => Math.max(a, b)) : 1;
  const widest = Math.max(-low, high);
  const both = low < 0 && high > 0;
  const dayOf = (day) => clock.shortDay(clock.moment(`${day}T12:00`));
  const hourOf = (hour) => `${hours > 24 ? `${WEEKDAYS[Math.floor(hour / 24)]} ` : ""}${String(hour % 24).padStart(2, "0")}:00`;
  return {
    ...frame(colours),
    grid: { left: 92, right: 22, top: 20, bottom: 84, outerBoundsMode: "none" },
    tooltip: {
      trigger: "item",
      renderMode: "richText",
      backgroundColor: colours.raised,
      borderColor: colours.edge,
      textStyle: { color: colours.text },
      formatter: ({ data: [hour, row, value] }) => `${dayOf(days[row])}, ${hourOf(hour)}: ${withUnit(value, unit)}`,
    },
    xAxis: axis(colours, {
      type: "category",
      data: Array.from({ length: hours }, (_, hour) => hourOf(hour)),
      axisLabel: { color: colours.soft, interval: hours > 24 ? 23 : 2 },
    }),
    yAxis: axis(colours, { type: "category", inverse: true, data: days.map(dayOf) }),
    visualMap: {
      min: both ? -widest : low,
      max: both ? widest : high === low ? low + 1 : high,
      calculable: false,
      orient: "horizontal",
      left: "center",
      bottom: 4,
      text: [withUnit(both ? widest : high, unit), withUnit(both ? -widest : low, unit)],
      textStyle: { color: colours.soft },
      inRange: {
        color: both ? [colours["series-2"], colours.paper, colours["series-1"]] : [colours.hover || colours.grid, colours["series-1"]],
      },
    },
    series: { type: "heatmap", name: "heatmap", data: cells, itemStyle: { borderWidth: 0 }, emphasis: { disabled: true } },
  };
}
