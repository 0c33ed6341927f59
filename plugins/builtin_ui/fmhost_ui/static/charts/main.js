/* Entry: draws every chart of a page, and what goes with it. */

import { Chart } from "./chart.js";
import { Editor } from "./editor.js";
import { follow } from "./figures.js";
import { Ribbon } from "./ribbon.js";

const figures = document.querySelector("[data-figures]");

for (const box of document.querySelectorAll("[data-chart]")) {
  const chart = new Chart(box);
  box.chart = chart;
  if (figures) follow(figures, chart);
  chart.begin();
}

for (const box of document.querySelectorAll(".plan")) new Ribbon(box);

for (const box of document.querySelectorAll("[data-editor]")) new Editor(box);
