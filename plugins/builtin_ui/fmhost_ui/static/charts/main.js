/* Entry: draws every chart of a page. */

import { Chart } from "./chart.js";

for (const box of document.querySelectorAll("[data-chart]")) {
  const chart = new Chart(box);
  box.chart = chart;
  chart.begin();
}
