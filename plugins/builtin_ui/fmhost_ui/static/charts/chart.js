/* A chart of a page: what it shows, its tools, and that both stand in the URL. */

import { init } from "../vendor/echarts/echarts.js";
import { ApiError, call, toast } from "../api.js";
import { colourNames, colours, nameOf } from "./look.js";
import { heightOf, timeOptions } from "./options.js";
import { heatmapOptions, histogramOptions } from "./patterns.js";
import { listen, swatch, told } from "./pointing.js";
import { Replay } from "./replay.js";
import { load } from "./road.js";
import { saveCsv, saveJson, savePicture } from "./saving.js";
import { fill } from "./table.js";
import { Clock } from "./words.js";

const PATTERN_HEIGHT = 420;
const PATIENCE = 250;
const MANY_SENSORS = 7;

/* Whether this browser draws on a canvas, as it does unless somebody says otherwise. */
const FAST = "fm-fast-charts";
const isFast = () => localStorage.getItem(FAST) !== "false";

export class Chart {
  /** @param {HTMLElement} box the section of the page, see ui/_chart.html */
  constructor(box) {
    this.box = box;
    this.address = box.dataset.chart;
    this.file = box.dataset.file;
    this.part = (name) => box.querySelector(`[data-part="${name}"]`);
    this.screen = this.part("screen");
    this.hidden = new Set();
    this.prior = undefined;
    this.type = this.part("type")?.value || "bar_chart";
    this.clock = new Clock(box.dataset.timezone);
    const { start, end } = box.dataset;
    if (start && end) [this.start, this.end] = [Date.parse(start), Date.parse(end)];
    this.chart = init(this.screen, null, { renderer: isFast() ? "canvas" : "svg", height: 300 });
    this.replay = new Replay(this.part("replay"), () => this.moments(), (moment) => this.knownAt(moment), () => this.clock);
    this.hearTools();
    this.hearPointer();
    this.watch();
  }

  async begin() {
    await this.refresh();
    const known = Date.parse(new URLSearchParams(location.search).get("known_at") || "");
    if (!Number.isNaN(known)) await this.replay.begin(known);
  }

  /* ---- what is shown ---- */

  get width() {
    return Math.max(Math.round(this.screen.clientWidth), 200);
  }

  get overTime() {
    return this.type === "bar_chart";
  }

  asked(more = {}) {
    return { start: this.start, end: this.end, prior: this.prior, type: this.type, ...more };
  }

  /** Ask for the data of the window and draw them; what was asked for before is passed over. */
  async refresh({ remember = false } = {}) {
    this.waiting?.abort();
    const waiting = new AbortController();
    this.waiting = waiting;
    this.box.setAttribute("aria-busy", "true");
    try {
      const data = await load(this.address, this.asked({ width: this.width, remember }), waiting.signal);
      this.take(data);
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, "error");
    } finally {
      if (this.waiting === waiting) this.box.removeAttribute("aria-busy");
    }
  }

  take(data) {
    if (data.timezone !== this.clock.timezone) this.clock = new Clock(data.timezone);
    this.data = data;
    [this.start, this.end] = [data.start, data.end];
    this.drawnWidth = this.width;
    this.showRange();
    this.draw();
  }

  draw() {
    const { data } = this;
    if (!data) return;
    const look = colours();
    const sensors = data.order || [];
    this.box.classList.toggle("many", sensors.length >= MANY_SENSORS && !this.legendsBelow);
    this.view = {
      start: this.start,
      end: this.end,
      now: data.now,
      known: this.prior,
      rows: (data.rows || []).length,
      hidden: this.hidden,
      width: this.width,
      clock: this.clock,
      colours: look,
      several: sensors.length > 1,
      filled: sensors.length === 1,
      names: data.lines ? colourNames(data.lines, sensors) : new Map(),
    };
    const known = data.lines ? data.lines.length > 0 : data.events > 0;
    const shown = known || this.prior !== undefined;
    this.part("nothing").hidden = shown;
    this.screen.hidden = !shown;
    this.showLegend();
    this.showRemarks();
    this.showTable();
    if (!shown) return;
    this.height = data.lines ? heightOf(data.rows, this.width) : PATTERN_HEIGHT;
    this.option = this.build();
    this.chart.resize({ width: this.width, height: this.height });
    const tooltip = data.lines ? this.tooltip() : undefined;
    this.chart.setOption({ ...this.option, ...(tooltip && { tooltip }) }, { notMerge: true });
    this.describe();
    this.box.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
  }

  build() {
    if (this.data.lines) return timeOptions(this.data, this.view);
    if (this.data.edges) return histogramOptions(this.data, this.view);
    return heatmapOptions(this.data, this.view);
  }

  tooltip() {
    const { raised, edge, text } = this.view.colours;
    return {
      trigger: "axis",
      confine: true,
      backgroundColor: raised,
      borderColor: edge,
      textStyle: { color: text, fontSize: 13 },
      transitionDuration: 0,
      formatter: (points) => told([points].flat()[0].axisValue, this.data, this.view) || "",
    };
  }

  /** Say in words what the picture shows. */
  describe() {
    const lines = this.data.lines || [];
    const words = lines.map((line) => {
      const values = line.values;
      let [low, high] = [Infinity, -Infinity];
      for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
      return `${nameOf(line, true)}: between ${low} and ${high} ${line.unit}.`;
    });
    const window = `${this.clock.full(this.start)} to ${this.clock.full(this.end)}`;
    const title = `${this.box.dataset.title}, ${window}. The values follow as a table.`;
    this.screen.setAttribute("aria-label", [title, ...words.slice(0, 8)].join(" "));
  }

  /* ---- beside the picture ---- */

  showLegend() {
    const list = this.part("legend");
    const lines = this.data.lines || [];
    list.replaceChildren(
      ...lines.map((line) => {
        const button = document.createElement("button");
        button.type = "button";
        button.className = "legend-entry";
        button.setAttribute("aria-pressed", String(!this.hidden.has(line.key)));
        button.title = "Show or hide";
        button.dataset.line = line.key;
        const words = document.createElement("span");
        words.textContent = nameOf(line, this.view.several);
        button.append(swatch(this.view.colours[this.view.names.get(line.key)], line.kind), words);
        if (line.source.fallback) words.append(this.badge("fallback"));
        button.addEventListener("click", () => this.toggleLine(line.key));
        const item = document.createElement("li");
        item.append(button);
        return item;
      }),
    );
    const reduced = lines.filter((line) => line.reduced);
    const most = reduced.reduce((sum, line) => sum + line.events, 0);
    this.part("reduced").textContent = reduced.length
      ? `Drawn from ${most.toLocaleString("en").replaceAll(",", "\u202f")} values: of each pixel the first, the last and the extremes. Zoom in for all of them.`
      : "";
  }

  badge(text) {
    const made = document.createElement("span");
    made.className = "badge warn";
    made.textContent = text;
    return made;
  }

  toggleLine(key) {
    if (!this.hidden.delete(key)) this.hidden.add(key);
    this.draw();
    this.box.querySelector(`[data-line="${key}"]`)?.focus();
  }

  showRemarks() {
    this.part("remarks").replaceChildren(
      ...(this.data.annotations || []).map((each) => {
        const item = document.createElement("li");
        item.textContent = `${this.clock.full(each.start)} to ${this.clock.full(each.end)}: ${each.content}`;
        return item;
      }),
    );
  }

  showTable() {
    const whole = this.part("as-table");
    if (!whole.open) return;
    const caption = `${this.box.dataset.title}, times in ${this.clock.timezone}`;
    fill(this.part("table"), this.part("more"), this.data, this.view, caption);
  }

  showRange() {
    const [start, end] = [this.part("start"), this.part("end")];
    start.value = this.clock.wall(this.start);
    end.value = this.clock.wall(this.end);
  }

  /* ---- tools ---- */

  hearTools() {
    const press = (name, action) => this.part(name)?.addEventListener("click", action);
    press("earlier", () => this.move(-0.5));
    press("later", () => this.move(0.5));
    press("in", () => this.scale(0.5));
    press("out", () => this.scale(2));
    for (const name of ["start", "end"]) this.part(name).addEventListener("change", () => this.pickRange());
    this.part("quick")?.addEventListener("change", () => this.pickDays());
    this.part("type")?.addEventListener("change", () => this.pickType());
    this.part("as-table").addEventListener("toggle", () => this.showTable());
    document.addEventListener("click", (event) => {
      if (!this.part("save").contains(event.target)) this.part("save").open = false;
    });
    press("csv", () => this.save("csv"));
    press("json", () => this.save("json"));
    press("png", () => this.save("png"));
    press("svg", () => this.save("svg"));
    const fast = this.part("fast");
    fast.checked = isFast();
    fast.addEventListener("change", () => {
      localStorage.setItem(FAST, String(fast.checked));
      location.reload(); // what is shown stands in the URL
    });
    const below = this.part("legends-below");
    if (below) {
      below.addEventListener("change", () => {
        this.draw();
        const choice = { keep_legends_below_graphs: below.checked };
        call("POST", "/api/v3_0/assets/keep_legends_below_graphs", choice).catch((error) => toast(error.message, "error"));
      });
    }
  }

  get legendsBelow() {
    return Boolean(this.part("legends-below")?.checked);
  }

  hearPointer() {
    let hasty = 0;
    const choose = (start, end, isHasty) => {
      if (!this.overTime) return;
      if (!isHasty) return this.choose(start, end);
      clearTimeout(hasty);
      [this.start, this.end] = [start, end];
      this.draw();
      hasty = setTimeout(() => this.choose(start, end), PATIENCE);
    };
    listen(this.chart, () => this.view, choose);
  }

  watch() {
    let later = 0;
    new ResizeObserver(() => {
      if (!this.data || this.width === this.drawnWidth) return;
      clearTimeout(later);
      later = setTimeout(() => {
        if (this.width > 1.2 * this.drawnWidth) this.refresh();
        else if (this.width !== this.drawnWidth) {
          this.drawnWidth = this.width;
          this.draw();
        }
      }, PATIENCE);
    }).observe(this.screen.parentElement);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    addEventListener("popstate", () => this.followUrl());
  }

  /** Show another window, and have it in the URL and the session. */
  async choose(start, end) {
    if (!(end - start >= 1000)) return;
    [this.start, this.end] = [Math.round(start), Math.round(end)];
    this.replay.forget();
    this.writeUrl(true);
    await this.refresh({ remember: true });
  }

  move(share) {
    const shift = share * (this.end - this.start);
    return this.choose(this.start + shift, this.end + shift);
  }

  scale(factor) {
    const middle = (this.start + this.end) / 2;
    const half = (factor * (this.end - this.start)) / 2;
    return this.choose(middle - half, middle + half);
  }

  pickRange() {
    const [start, end] = ["start", "end"].map((name) => this.clock.moment(this.part(name).value));
    if (Number.isNaN(start) || Number.isNaN(end)) return;
    if (end <= start) toast("The end must be after the start.", "error");
    else this.choose(start, end);
  }

  pickDays() {
    const picked = this.part("quick").value;
    this.part("quick").value = "";
    if (!picked) return;
    const [from, to] = picked.split(" ").map(Number);
    const { now } = this.data;
    this.choose(this.clock.midnightAfter(now, from), this.clock.midnightAfter(now, to));
  }

  async pickType() {
    this.type = this.part("type").value;
    this.writeUrl(false);
    await this.refresh({ remember: true });
  }

  writeUrl(isStep) {
    const url = new URL(location.href);
    url.searchParams.set("start_time", this.clock.iso(this.start));
    url.searchParams.set("end_time", this.clock.iso(this.end));
    if (this.part("type")) url.searchParams.set("chart_type", this.type);
    if (this.prior === undefined) url.searchParams.delete("known_at");
    else url.searchParams.set("known_at", this.clock.iso(this.prior));
    history[isStep ? "pushState" : "replaceState"](null, "", url);
  }

  async followUrl() {
    const query = new URLSearchParams(location.search);
    const [start, end] = ["start_time", "end_time"].map((name) => Date.parse(query.get(name) || ""));
    const isWindow = !Number.isNaN(start) && !Number.isNaN(end);
    [this.start, this.end] = isWindow ? [start, end] : [undefined, undefined];
    this.replay.forget();
    await this.refresh();
  }

  async moments() {
    const { moments } = await load(this.address, this.asked({ prior: undefined, type: undefined, moments: true }));
    return moments;
  }

  async knownAt(moment) {
    this.prior = moment;
    this.writeUrl(false);
    await this.refresh();
  }

  async save(kind) {
    this.part("save").open = false;
    if (kind === "png" || kind === "svg") {
      savePicture(this.file, kind, this.option, this.data, this.view, this.height);
      return;
    }
    try {
      const whole = await load(this.address, this.asked({ type: undefined }));
      (kind === "csv" ? saveCsv : saveJson)(this.file, whole, this.clock);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      toast(error.message, "error");
    }
  }
}
