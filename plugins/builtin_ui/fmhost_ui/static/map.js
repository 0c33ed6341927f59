/* A map in an element: land and borders from this server, or pictures of a service where the host
   has configured one; marks with their words; all by pointer and by keyboard. */

const SVG = "http://www.w3.org/2000/svg";
const TILE = 256;
const CELL = 44; // marks nearer than this [px] are drawn as one
const CLOSEST = { outline: 11, tiles: 18 };

/** Where a place is on the world as a square from 0 to 1 (Web Mercator). */
export function project(latitude, longitude) {
  const bounded = Math.max(-85.05, Math.min(85.05, latitude));
  const sine = Math.sin((bounded * Math.PI) / 180);
  return [
    (longitude + 180) / 360,
    0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI),
  ];
}

/** The place that is there: the reverse of `project`, as [latitude, longitude]. */
export function unproject(x, y) {
  return [(Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI, x * 360 - 180];
}

function middle(marks) {
  return [0, 1].map((axis) => marks.reduce((sum, mark) => sum + mark.point[axis], 0) / marks.length);
}

function element(name, attributes = {}, ...parts) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...parts);
  return made;
}

export class WorldMap {
  /**
   * @param {HTMLElement} frame
   * @param {{outline: string, tiles?: string, attribution?: string, box: number[][], label: string,
   *   onPick?: function(Array): void, onClick?: function(number, number): void}} options
   *   `onPick` gets the marks at a place, `onClick` the latitude and longitude of one without
   */
  constructor(frame, options) {
    this.frame = frame;
    this.options = options;
    this.marks = [];
    this.zoom = 2;
    this.center = [0.5, 0.5];
    this.closest = options.tiles ? CLOSEST.tiles : CLOSEST.outline;
    this.ground = element("g");
    this.layer = element("g");
    this.svg = element(
      "svg",
      { role: "group", tabindex: "0", "aria-label": options.label },
      this.ground,
      this.layer,
    );
    frame.replaceChildren(this.svg, this.buttons());
    if (options.attribution) this.remark(options.attribution);
    this.listen();
    if (!options.tiles) this.drawOutline();
    this.show(options.box);
    new ResizeObserver(() => this.draw()).observe(frame);
  }

  remark(text) {
    const note = document.createElement("p");
    note.className = "remark";
    note.textContent = text;
    this.frame.append(note);
  }

  async drawOutline() {
    const world = await (await fetch(this.options.outline)).json();
    this.size = world.size;
    this.ground.append(
      element("path", { class: "land", d: world.land }),
      element("path", { class: "borders", d: world.borders }),
    );
    this.draw();
  }

  buttons() {
    const box = document.createElement("div");
    box.className = "zoom";
    for (const [text, label, step] of [["+", "Closer", 1], ["−", "Farther", -1]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.setAttribute("aria-label", label);
      button.addEventListener("click", () => this.zoomBy(step));
      box.append(button);
    }
    return box;
  }

  get width() {
    return this.frame.clientWidth || 600;
  }

  get height() {
    return this.frame.clientHeight || 400;
  }

  get scale() {
    return TILE * 2 ** this.zoom; // of the whole world [px]
  }

  /** Show what is between two corners, each [latitude, longitude]. */
  show(corners) {
    const points = corners.map(([latitude, longitude]) => project(latitude, longitude));
    const xs = points.map(([x]) => x);
    const ys = points.map(([, y]) => y);
    const [left, right] = [Math.min(...xs), Math.max(...xs)];
    const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
    this.center = [(left + right) / 2, (top + bottom) / 2];
    const fit = Math.min(
      (this.width * 0.8) / Math.max(right - left, 1e-5),
      (this.height * 0.8) / Math.max(bottom - top, 1e-5),
    );
    this.zoom = this.within(Math.log2(fit / TILE), this.options.tiles ? 15 : 8);
    this.draw();
  }

  within(zoom, most = this.closest) {
    return Math.max(Math.log2(this.width / TILE / 1.6), Math.min(most, zoom));
  }

  zoomBy(step, x = this.width / 2, y = this.height / 2) {
    const there = this.at(x, y);
    this.zoom = this.within(this.zoom + step);
    this.center = [
      there[0] - (x - this.width / 2) / this.scale,
      there[1] - (y - this.height / 2) / this.scale,
    ];
    this.draw();
  }

  /** The point of the world that is drawn at x, y [px]. */
  at(x, y) {
    return [
      this.center[0] + (x - this.width / 2) / this.scale,
      this.center[1] + (y - this.height / 2) / this.scale,
    ];
  }

  /** Where a point of the world is drawn [px]. */
  spot([x, y]) {
    return [
      (x - this.center[0]) * this.scale + this.width / 2,
      (y - this.center[1]) * this.scale + this.height / 2,
    ];
  }

  /**
   * @param {{label: string, latitude: number, longitude: number, kind: string, icon: string}[]} marks
   */
  setMarks(marks) {
    this.marks = marks.map((mark) => ({ ...mark, point: project(mark.latitude, mark.longitude) }));
    this.draw();
  }

  /** Show all marks, with some room around. */
  showMarks() {
    if (!this.marks.length) return;
    const around = this.marks.length > 1 ? 0.02 : 0.5;
    const latitudes = this.marks.map((mark) => mark.latitude);
    const longitudes = this.marks.map((mark) => mark.longitude);
    this.show([
      [Math.max(...latitudes) + around, Math.min(...longitudes) - around],
      [Math.min(...latitudes) - around, Math.max(...longitudes) + around],
    ]);
  }

  draw() {
    cancelAnimationFrame(this.drawing);
    this.drawing = requestAnimationFrame(() => {
      if (this.options.tiles) this.drawTiles();
      else if (this.size) {
        const [x, y] = this.spot([0, 0]);
        this.ground.setAttribute(
          "transform",
          `translate(${x} ${y}) scale(${this.scale / this.size})`,
        );
      }
      this.drawMarks();
    });
  }

  drawTiles() {
    const level = Math.max(0, Math.round(this.zoom));
    const side = this.scale / 2 ** level;
    const [left, top] = this.at(0, 0).map((each) => Math.floor(each * 2 ** level));
    const [right, bottom] = this.at(this.width, this.height).map((each) =>
      Math.floor(each * 2 ** level),
    );
    const tiles = [];
    for (let x = Math.max(0, left); x <= Math.min(right, 2 ** level - 1); x += 1) {
      for (let y = Math.max(0, top); y <= Math.min(bottom, 2 ** level - 1); y += 1) {
        const [px, py] = this.spot([x / 2 ** level, y / 2 ** level]);
        const href = this.options.tiles.replace("{z}", level).replace("{x}", x).replace("{y}", y);
        tiles.push(
          element("image", { x: px, y: py, width: side + 0.5, height: side + 0.5, href }),
        );
      }
    }
    this.ground.replaceChildren(...tiles);
  }

  drawMarks() {
    const held = document.activeElement?.closest?.(".mark")?.dataset.key;
    const shown = this.clusters().map((cluster) => this.drawn(cluster));
    this.layer.replaceChildren(...shown.map(([, group]) => group));
    if (held) shown.find(([key]) => key === held)?.[1].focus();
  }

  /* Marks that are near each other, by cells that stay where they are while one drags. */
  clusters() {
    const cells = new Map();
    const last = this.zoom >= this.closest - 0.01;
    for (const mark of this.marks) {
      const [x, y] = this.spot(mark.point);
      if (x < -30 || y < -30 || x > this.width + 30 || y > this.height + 30) continue;
      const size = last ? 4 : CELL;
      const key = mark.point.map((each) => Math.floor((each * this.scale) / size)).join();
      if (!cells.has(key)) cells.set(key, []);
      cells.get(key).push(mark);
    }
    return last ? [...cells.entries()] : this.merged([...cells.entries()]);
  }

  /* Cells whose middles are so near that one would hide the other; the larger takes the smaller. */
  merged(cells) {
    const spots = [];
    cells.sort((one, other) => other[1].length - one[1].length);
    for (const [key, marks] of cells) {
      const [x, y] = this.spot(middle(marks));
      const near = spots.find((each) => Math.hypot(each.x - x, each.y - y) < 28);
      if (near) near.marks.push(...marks);
      else spots.push({ key, marks: [...marks], x, y });
    }
    return spots.map(({ key, marks }) => [key, marks]);
  }

  drawn([key, marks]) {
    const mean = middle(marks);
    const [x, y] = this.spot(mean);
    const many = marks.length > 1;
    const group = element("g", {
      class: `mark ${many ? "many" : marks[0].kind}`,
      transform: `translate(${x} ${y})`,
      tabindex: "0",
      role: "button",
      "aria-label": many ? `${marks.length} assets: closer` : marks[0].label,
      "data-key": key,
    });
    group.append(element("circle", { r: many ? Math.min(24, 13 + Math.log2(marks.length) * 1.5) : 13 }));
    if (many) group.append(element("text", {}, String(marks.length)));
    else if (marks[0].icon) group.append(element("path", { d: marks[0].icon }));
    group.append(element("title", {}, many ? `${marks.length} assets` : marks[0].label));
    const pick = () => this.pick(marks, mean);
    group.addEventListener("click", (event) => {
      event.stopPropagation();
      if (!this.moved) pick();
    });
    group.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        event.stopPropagation();
        pick();
      }
    });
    return [key, group];
  }

  pick(marks, point) {
    if (marks.length > 1 && this.zoom < this.closest - 0.01) {
      this.center = point;
      this.zoom = this.within(this.zoom + 2);
      this.draw();
    } else {
      this.options.onPick?.(marks, this.spot(point));
    }
  }

  listen() {
    const { svg } = this;
    let from = null;
    svg.addEventListener("pointerdown", (event) => {
      from = [event.clientX, event.clientY, ...this.center];
      this.moved = false;
    });
    svg.addEventListener("pointermove", (event) => {
      if (!from || !event.buttons) return;
      const [dx, dy] = [event.clientX - from[0], event.clientY - from[1]];
      if (!this.moved && Math.hypot(dx, dy) < 5) return;
      if (!this.moved) svg.setPointerCapture(event.pointerId);
      this.moved = true;
      svg.classList.add("dragged");
      this.center = [from[2] - dx / this.scale, from[3] - dy / this.scale];
      this.options.onMove?.();
      this.draw();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      svg.addEventListener(end, () => {
        from = null;
        svg.classList.remove("dragged");
      });
    }
    svg.addEventListener("click", (event) => {
      if (this.moved) return;
      const box = svg.getBoundingClientRect();
      const point = this.at(event.clientX - box.left, event.clientY - box.top);
      this.options.onClick?.(...unproject(...point));
    });
    svg.addEventListener(
      "wheel",
      (event) => {
        // Whoever scrolls the page passes over the map; with the map in use, or a key, it zooms.
        if (!event.ctrlKey && !this.frame.contains(document.activeElement)) return;
        event.preventDefault();
        const box = svg.getBoundingClientRect();
        this.options.onMove?.();
        this.zoomBy(-event.deltaY / 300, event.clientX - box.left, event.clientY - box.top);
      },
      { passive: false },
    );
    svg.addEventListener("keydown", (event) => {
      const step = 60 / this.scale;
      const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
      if (moves[event.key]) {
        this.center = this.center.map((each, axis) => each + moves[event.key][axis]);
        this.options.onMove?.();
        this.draw();
      } else if (event.key === "Enter" && event.target === svg) {
        this.options.onClick?.(...unproject(...this.center));
      } else if (event.key === "+" || event.key === "=") this.zoomBy(1);
      else if (event.key === "-") this.zoomBy(-1);
      else return;
      event.preventDefault();
    });
  }
}
