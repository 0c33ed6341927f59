/* Numbers and times as people read them, in the time zone of a chart. */

const THIN_SPACE = "\u202f";
const MINUTE = 60_000;

/** About four digits, thousands apart, and never in powers of ten. */
export function number(value, digits = 4) {
  if (value === null || value === undefined || Number.isNaN(value)) return "";
  const magnitude = value ? Math.floor(Math.log10(Math.abs(value))) : 0;
  const places = Math.min(Math.max(digits - 1 - magnitude, 0), 6);
  const [whole, rest] = Math.abs(value).toFixed(places).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);
  const fraction = (rest || "").replace(/0+$/, "");
  const text = fraction ? `${grouped}.${fraction}` : grouped;
  return value < 0 && text !== "0" ? `−${text}` : text;
}

/** The value and its unit on one line. */
export function withUnit(value, unit) {
  return unit ? `${number(value)}${unit === "%" ? "" : "\u00a0"}${unit}` : number(value);
}

/** A length of time in words: "15 minutes", "2 days". */
export function length(milliseconds) {
  const sizes = [["day", 1440 * MINUTE], ["hour", 60 * MINUTE], ["minute", MINUTE], ["second", 1000]];
  const [unit, size] = sizes.find(([, each]) => milliseconds >= each) || ["second", 1000];
  const count = Math.round((10 * milliseconds) / size) / 10;
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** How long before an event became known something was believed. */
export function horizon(milliseconds) {
  if (Math.abs(milliseconds) < 1000) return "when it became known";
  const words = length(Math.abs(milliseconds));
  return milliseconds > 0 ? `${words} before it was known` : `${words} after it was known`;
}

/** Times of one zone. */
export class Clock {
  constructor(timezone) {
    this.timezone = timezone;
    this.format = new Intl.DateTimeFormat("en-GB", {
      timeZone: timezone,
      hourCycle: "h23",
      weekday: "short",
      year: "numeric",
      month: "short",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    this.numeric = new Intl.DateTimeFormat("en-GB", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
  }

  parts(moment, format = this.format) {
    const found = {};
    for (const { type, value } of format.formatToParts(moment)) found[type] = value;
    return found;
  }

  /** "Mon 2 Mar 2026" */
  day(moment) {
    const { weekday, day, month, year } = this.parts(moment);
    return `${weekday} ${day} ${month} ${year}`;
  }

  /** "Mon 2 Mar" */
  shortDay(moment) {
    const { weekday, day, month } = this.parts(moment);
    return `${weekday} ${day} ${month}`;
  }

  /** "10:15", with seconds where there are any */
  time(moment) {
    const { hour, minute, second } = this.parts(moment);
    return second === "00" ? `${hour}:${minute}` : `${hour}:${minute}:${second}`;
  }

  full(moment) {
    return `${this.day(moment)} ${this.time(moment)}`;
  }

  /** The time on the clock as fields take it: "2026-03-02T10:15" */
  wall(moment) {
    const { year, month, day, hour, minute } = this.parts(moment, this.numeric);
    return `${year.padStart(4, "0")}-${month}-${day}T${hour}:${minute}`;
  }

  /** What the clock is ahead of UTC [ms] at a moment. */
  offset(moment) {
    const { year, month, day, hour, minute, second } = this.parts(moment, this.numeric);
    const shown = Date.UTC(+year, month - 1, +day, +hour, +minute, +second);
    return shown - Math.floor(moment / 1000) * 1000;
  }

  /** The moment at which the clock shows a time; NaN for a text that is none. */
  moment(wall) {
    const shown = Date.parse(`${wall}Z`);
    if (Number.isNaN(shown)) return NaN;
    const guess = shown - this.offset(shown);
    return shown - this.offset(guess);
  }

  /** The moment as ISO 8601, with the offset of the zone. */
  iso(moment) {
    const ahead = Math.round(this.offset(moment) / MINUTE);
    const local = new Date(moment + ahead * MINUTE).toISOString().replace(/\.000Z$|Z$/, "");
    const pad = (value) => String(value).padStart(2, "0");
    const size = Math.abs(ahead);
    return `${local}${ahead < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
  }

  /** Midnight at or before a moment. */
  midnight(moment) {
    return this.moment(`${this.wall(moment).slice(0, 10)}T00:00`);
  }

  /** Midnight so many days after that of a moment. */
  midnightAfter(moment, days) {
    const noon = this.midnight(moment) + 12 * 60 * MINUTE;
    return this.midnight(noon + days * 24 * 60 * MINUTE);
  }
}
