/* Where the time axis has labels: round times on the clock of a zone. */

const MINUTE = 60_000;
const DAY = 1440;

/* Distances within a day [minutes], then in days. */
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720];
const DAYS = [1, 2, 7, 14, 31, 92, 183, 366, 1830];

/**
 * Round moments in [start, end], at most about `most`.
 * @returns {number[]} milliseconds
 */
export function timeTicks(start, end, clock, most) {
  const minutes = (end - start) / MINUTE;
  const step = STEPS.find((each) => minutes / each <= most);
  const found = step ? withinDays(start, end, clock, step * MINUTE) : wholeDays(start, end, clock, most);
  return found.filter((each) => each >= start && each <= end);
}

function withinDays(start, end, clock, step) {
  const found = [];
  for (let day = clock.midnight(start); day <= end; day = clock.midnightAfter(day, 1)) {
    const next = clock.midnightAfter(day, 1);
    for (let moment = day; moment < next; moment += step) found.push(moment);
  }
  return found;
}

function wholeDays(start, end, clock, most) {
  const days = (end - start) / (DAY * MINUTE);
  const step = DAYS.find((each) => days / each <= most) || DAYS.at(-1);
  if (step >= 31) return months(start, end, clock, Math.round(step / 30.5));
  const found = [];
  let day = clock.midnight(start);
  if (step >= 7) while (clock.parts(day).weekday !== "Mon") day = clock.midnightAfter(day, -1);
  for (; day <= end; day = clock.midnightAfter(day, step)) found.push(day);
  return found;
}

function months(start, end, clock, step) {
  const found = [];
  let [year, month] = clock.wall(start).slice(0, 7).split("-").map(Number);
  month -= (month - 1) % Math.min(step, 12);
  for (;;) {
    const wall = `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-01T00:00`;
    const moment = clock.moment(wall);
    if (moment > end) return found;
    found.push(moment);
    month += step;
    year += Math.floor((month - 1) / 12);
    month = ((month - 1) % 12) + 1;
  }
}
