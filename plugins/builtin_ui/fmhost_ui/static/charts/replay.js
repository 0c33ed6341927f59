/* Replay: slide through what was known when. */

const FRAMES = 96;
const PACE = 450;

/** The controls of a replay; `show(moment)` draws what was known then, undefined for all. */
export class Replay {
  /**
   * @param {HTMLElement} box holds the controls
   * @param {() => Promise<number[]>} moments when something was recorded
   * @param {(moment: number|undefined) => Promise<void>} show
   * @param {() => import("./words.js").Clock} clock
   */
  constructor(box, moments, show, clock) {
    Object.assign(this, { box, askMoments: moments, show, clock, known: null, at: undefined, timer: 0 });
    this.part = (name) => box.querySelector(`[data-part="${name}"]`);
    this.slider = this.part("when");
    this.on("play", () => this.toggle());
    this.on("step", () => this.step(1));
    this.on("back", () => this.step(-1));
    this.on("next", () => this.next());
    this.on("stop", () => this.stop());
    this.slider.addEventListener("input", () => {
      this.pause();
      this.go(this.first + (Number(this.slider.value) / FRAMES) * (this.last - this.first));
    });
    document.addEventListener("keydown", (event) => this.key(event));
  }

  on(name, action) {
    this.part(name).addEventListener("click", action);
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    const action = { p: () => this.toggle(), s: () => this.step(1), n: () => this.next() }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  get speed() {
    return Number(this.part("speed").value);
  }

  /** Find out between which moments there is something to replay; once per window. */
  async ready() {
    if (this.known === null) {
      this.known = await this.askMoments();
      this.first = this.known[0];
      this.last = this.known.at(-1);
    }
    const some = this.known.length > 1;
    this.box.classList.toggle("nothing", !some);
    if (!some) {
      this.say(
        this.known.length
          ? `All of this was recorded at once, on ${this.clock().full(this.first)}.`
          : "There is nothing to replay.",
      );
    }
    return some;
  }

  /** Another window: what there is to replay is another matter. */
  forget() {
    this.known = null;
  }

  get playing() {
    return this.timer !== 0;
  }

  async toggle() {
    if (this.playing) return this.pause();
    if (!(await this.ready())) return;
    if (this.at === undefined || this.at >= this.last) await this.go(this.first);
    this.part("play").textContent = "Pause";
    this.part("play").setAttribute("aria-pressed", "true");
    this.run();
  }

  run() {
    this.timer = setTimeout(async () => {
      const timer = this.timer;
      await this.go(Math.min(this.at + this.stride * this.speed, this.last));
      if (timer !== this.timer) return; // paused in the meantime
      if (this.at >= this.last) this.pause();
      else this.run();
    }, PACE);
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = 0;
    this.part("play").textContent = "Replay";
    this.part("play").setAttribute("aria-pressed", "false");
  }

  get stride() {
    return Math.max((this.last - this.first) / FRAMES, 1000);
  }

  async step(direction) {
    this.pause();
    if (!(await this.ready())) return;
    const from = this.at ?? (direction > 0 ? this.first - this.stride : this.last + this.stride);
    await this.go(from + direction * this.stride);
  }

  /** On to the next moment at which something was recorded. */
  async next() {
    this.pause();
    if (!(await this.ready())) return;
    const following = this.known.find((each) => this.at === undefined || each > this.at);
    await this.go(following ?? this.last);
  }

  /** Back to all that is known. */
  async stop() {
    this.pause();
    this.at = undefined;
    this.box.classList.remove("active");
    this.say("");
    await this.show(undefined);
  }

  /** Start with what a URL says. */
  async begin(moment) {
    if (await this.ready()) await this.go(moment);
  }

  async go(moment) {
    this.at = Math.round(Math.min(Math.max(moment, this.first), this.last));
    this.slider.value = String(((this.at - this.first) / (this.last - this.first)) * FRAMES);
    const words = this.clock().full(Math.floor(this.at / 60_000) * 60_000);
    this.slider.setAttribute("aria-valuetext", words);
    this.box.classList.add("active");
    this.say(`As known on ${words}`);
    await this.show(this.at);
  }

  say(text) {
    this.part("said").textContent = text;
  }
}
