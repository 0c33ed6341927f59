/* How the data of a chart come, and what a chart makes of them. */

import { call } from "../api.js";

/**
 * Ask for what a chart shows.
 * @param {string} address where its data are
 * @param {{start?: number, end?: number, prior?: number, width?: number, type?: string,
 *   remember?: boolean, moments?: boolean}} asked times in milliseconds
 */
export async function load(address, asked, signal) {
  const query = new URLSearchParams();
  const moment = (value) => new Date(value).toISOString();
  if (asked.start !== undefined) query.set("event_starts_after", moment(asked.start));
  if (asked.end !== undefined) query.set("event_ends_before", moment(asked.end));
  if (asked.prior !== undefined) query.set("beliefs_before", moment(asked.prior));
  if (asked.width !== undefined) query.set("width", String(asked.width));
  if (asked.type !== undefined) query.set("chart_type", asked.type);
  if (asked.remember) query.set("remember", "1");
  if (asked.moments) query.set("moments", "1");
  const found = await call("GET", `${address}?${query}`, undefined, { signal });
  return found.lines ? { ...found, lines: found.lines.map((line) => new Line(line, found)) } : found;
}

/** What one source says about one sensor. */
export class Line {
  constructor(sent, chart) {
    Object.assign(this, sent);
    this.about = chart.sensors[sent.sensor];
    this.key = `${sent.sensor}/${sent.source.id}`;
    this.row = chart.rows.findIndex((row) => String(sent.sensor) in row.axes);
    this.unit = this.row < 0 ? this.about.unit : chart.rows[this.row].axes[sent.sensor];
    this.endAfter = new Map(sent.gaps[0].map((position, order) => [position, sent.gaps[1][order]]));
    this.reduced = sent.starts.length < sent.events;
  }

  get instantaneous() {
    return this.about.step === 0;
  }

  horizonAt(position) {
    return Array.isArray(this.horizons) ? this.horizons[position] : this.horizons;
  }

  recordedAt(position) {
    return Array.isArray(this.recorded) ? this.recorded[position] : this.recorded;
  }

  /** Corners of the line, with a gap wherever nothing is known. */
  corners(values = this.values) {
    const found = [];
    for (let position = 0; position < values.length; position += 1) {
      found.push([this.starts[position], values[position]]);
      const end = this.endAfter.get(position);
      if (end === undefined) continue;
      if (!this.instantaneous) found.push([end, values[position]]);
      found.push([end, null]);
    }
    return found;
  }

  /** The point that counts at a moment: the event in which it lies, or the nearest moment; or -1. */
  at(moment, tolerance) {
    let low = 0;
    let high = this.starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.starts[middle] <= moment) low = middle + 1;
      else high = middle;
    }
    const before = low - 1;
    if (!this.instantaneous) {
      if (before < 0) return -1;
      const end = this.endAfter.get(before);
      return end !== undefined && moment >= end ? -1 : before;
    }
    const distance = (position) =>
      position < 0 || position >= this.starts.length
        ? Infinity
        : Math.abs(this.starts[position] - moment);
    const nearest = distance(before) <= distance(low) ? before : low;
    return distance(nearest) <= tolerance ? nearest : -1;
  }
}
