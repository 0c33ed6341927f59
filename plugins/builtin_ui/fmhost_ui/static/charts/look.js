/* Colours of charts, as the style sheet has them at the moment, and how lines are told apart. */

const SERIES = 8;
const KINDS = ["recorded", "forecast", "scheduled"];

/** The colours by the names of their variables, without dashes. */
export function colours() {
  const style = getComputedStyle(document.documentElement);
  const names = ["ground", "paper", "raised", "text", "soft", "edge", "grid", "midnight", "accent"];
  for (let each = 1; each <= SERIES; each += 1) names.push(`series-${each}`);
  names.push("now", "giving", "taking", "warn-text", ...KINDS);
  const found = {};
  for (const name of names) found[name] = style.getPropertyValue(`--${name}`).trim();
  found.font = getComputedStyle(document.body).fontFamily;
  return found;
}

/**
 * The name of the colour of each line, by its key: one per sensor where there are several, else one
 * per source.
 */
export function colourNames(lines, sensors) {
  const found = new Map();
  if (sensors.length > 1) {
    for (const line of lines) {
      const order = sensors.indexOf(line.sensor);
      found.set(line.key, `series-${(order % SERIES) + 1}`);
    }
    return found;
  }
  const taken = new Set();
  let next = 4;
  for (const line of lines) {
    if (taken.has(line.kind)) {
      found.set(line.key, `series-${((next - 1) % SERIES) + 1}`);
      next += 1;
    } else {
      taken.add(line.kind);
      found.set(line.key, line.kind);
    }
  }
  return found;
}

/** How lines of a kind are dashed; measurements are solid. */
export function dashes(kind) {
  return { scheduled: [7, 4], forecast: [2, 3] }[kind] || "solid";
}

/** What a line is called in legends. */
export function nameOf(line, several) {
  const source = `${line.source.label}${line.source.version ? ` v${line.source.version}` : ""}`;
  return several ? `${line.about.name} (${line.about.asset}), ${source}` : source;
}
