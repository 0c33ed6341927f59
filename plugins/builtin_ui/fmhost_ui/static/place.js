/* The map of a form: a click sets latitude and longitude, and what is in these fields is marked. */

import { WorldMap } from "./map.js";

const DIGITS = 5; // a metre or so

const frame = document.querySelector("[data-place]");
const [latitude, longitude] = ["latitude", "longitude"].map((name) => document.getElementById(name));

if (frame && latitude && longitude) {
  frame.hidden = false;
  const map = new WorldMap(frame, {
    ...JSON.parse(frame.dataset.place),
    label: "Map to choose a place on: click, or move it with arrow keys and press Enter for its middle.",
    onClick: choose,
  });
  map.remark("Click where it is.");
  for (const field of [latitude, longitude]) field.addEventListener("input", () => mark(map));
  mark(map);
  map.showMarks();
}

/** What is in a field, as a number within its limits; NaN for anything else. */
function entered(field, limit) {
  const number = field.value.trim() === "" ? NaN : Number(field.value);
  return Math.abs(number) <= limit ? number : NaN;
}

function mark(map) {
  const place = { latitude: entered(latitude, 90), longitude: entered(longitude, 180) };
  const isPlace = !Number.isNaN(place.latitude) && !Number.isNaN(place.longitude);
  const label = `Here: ${place.latitude}, ${place.longitude}`;
  map.setMarks(isPlace ? [{ ...place, label, kind: "series-0", icon: "M0 -5V5M-5 0H5" }] : []);
}

function choose(north, east) {
  latitude.value = String(Number(north.toFixed(DIGITS)));
  // Who has gone around the world is still on it.
  longitude.value = String(Number(((((east + 180) % 360) + 360) % 360 - 180).toFixed(DIGITS)));
  for (const field of [latitude, longitude]) field.dispatchEvent(new Event("input", { bubbles: true }));
}
