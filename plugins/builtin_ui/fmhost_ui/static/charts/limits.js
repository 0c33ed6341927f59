/* Limits of the state of charge that change in time: levels that hold for a while, and marks for
   those of a moment. */

import { number, withUnit } from "./words.js";

const WIDE = 560; // narrower charts tell limits where one points only [px]

/* Upwards where a level is the least, downwards where it is the most, a diamond where it is both. */
const MARKS = {
  "soc-min": "triangle",
  "soc-minima": "triangle",
  "soc-max": "path://M0 0H10L5 9Z",
  "soc-maxima": "path://M0 0H10L5 9Z",
};

/** What of a limit holds for a while, as corners with gaps; and what for a moment, as points. */
export function parts({ starts, ends, values }) {
  const corners = [];
  const points = [];
  starts.forEach((start, each) => {
    const [end, value] = [ends[each], values[each]];
    if (start === end) points.push([start, value]);
    else {
      if (corners.length && corners.at(-1)[0] !== start) corners.push([start, null]);
      corners.push([start, value], [end, value]);
    }
  });
  return { corners, points };
}

/** What holds at a moment, or near it where it is one itself; null for nothing. */
export function limitAt({ starts, ends, values }, moment, tolerance) {
  for (let each = 0; each < starts.length; each += 1) {
    const isMoment = starts[each] === ends[each];
    if (isMoment ? Math.abs(starts[each] - moment) <= tolerance : starts[each] <= moment && moment < ends[each]) {
      return values[each];
    }
  }
  return null;
}

/** The series of one limit as ECharts takes them. */
export function changingLimit(limit, { colours, width }) {
  const { corners, points } = parts(limit);
  const name = `${limit.label}/${limit.sensor}`;
  const color = colours.soft;
  const base = { name, type: "line", silent: true, itemStyle: { color }, emphasis: { disabled: true }, tooltip: { show: false } };
  const label = {
    color,
    fontSize: 11,
    textBorderColor: colours.paper,
    textBorderWidth: 3,
    formatter: ({ value }) => `${limit.label} ${number(value[1])} ${limit.unit}`.replaceAll(/[{}|]/g, " "),
  };
  const found = [];
  if (corners.length) {
    found.push({
      ...base,
      data: corners,
      connectNulls: false,
      showSymbol: false,
      lineStyle: { color, width: 1.5, type: [2, 4] },
      endLabel: { show: width >= WIDE, ...label, align: "right", verticalAlign: "bottom", offset: [-6, -3] },
      z: 8,
    });
  }
  if (points.length) {
    found.push({
      ...base,
      data: points,
      lineStyle: { opacity: 0 },
      showSymbol: true,
      showAllSymbol: true,
      symbol: MARKS[limit.label] || "diamond",
      symbolSize: 11,
      itemStyle: { color: colours.paper, borderColor: colours.text, borderWidth: 1.5 },
      label: { show: points.length <= 6 && width >= WIDE, position: "top", ...label },
      z: 9,
    });
  }
  return found;
}

/** What is told of limits beside the pointer. */
export function toldLimits(data, moment, tolerance) {
  return data.limits.flatMap((limit) => {
    const value = limitAt(limit, moment, tolerance);
    return value === null ? [] : [`${limit.label} ${withUnit(value, limit.unit)}`];
  });
}
