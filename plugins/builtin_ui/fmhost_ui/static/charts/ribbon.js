/* The ribbon of a plan: what a slot is about, and why not otherwise. */

import { call } from "../api.js";
import { Clock, number, withUnit } from "./words.js";

export class Ribbon {
  /** @param {HTMLElement} box the section of the plan, see ui/_ribbon.html */
  constructor(box) {
    this.box = box;
    this.part = (name) => box.querySelector(`[data-part="${name}"]`);
    this.slots = [...box.querySelectorAll(".slot")];
    this.clock = new Clock(box.dataset.timezone);
    this.unit = box.dataset.unit;
    this.perMegawatt = Number(box.dataset.perMegawatt);
    const ribbon = box.querySelector(".ribbon");
    ribbon.addEventListener("click", (event) => {
      const slot = event.target.closest(".slot");
      if (slot) this.choose(slot);
    });
    ribbon.addEventListener("keydown", (event) => this.walk(event));
    this.part("ask")?.addEventListener("submit", (event) => {
      event.preventDefault();
      this.ask();
    });
  }

  walk(event) {
    const here = this.slots.indexOf(event.target.closest(".slot"));
    const last = this.slots.length - 1;
    const there = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: last }[event.key];
    if (here < 0 || there === undefined) return;
    event.preventDefault();
    this.focus(this.slots[Math.min(Math.max(there, 0), last)]);
  }

  focus(slot) {
    for (const each of this.slots) each.tabIndex = each === slot ? 0 : -1;
    slot.focus();
  }

  choose(slot) {
    for (const each of this.slots) each.setAttribute("aria-pressed", String(each === slot));
    this.focus(slot);
    const { start, power, reason, price, change, breaches, assumed } = slot.dataset;
    const more = [
      price && `At the margin, energy costs ${price}.`,
      change && `Planned before: ${change}.`,
      breaches && `${breaches}.`,
      assumed && `Assumed: ${assumed}`,
    ];
    this.part("slot-title").textContent = slot.getAttribute("aria-label");
    this.part("slot-reason").textContent = reason || "The scheduler gives no reason.";
    this.part("slot-more").textContent = more.filter(Boolean).join(" ");
    const form = this.part("ask");
    if (form) {
      form.elements.at.value = this.clock.wall(Date.parse(start));
      form.elements.power.value = Number(power) ? "0" : "";
      this.part("answer").replaceChildren();
    }
    this.part("why").hidden = false;
  }

  async ask() {
    const { device, at, power } = this.part("ask").elements;
    const button = this.part("ask").querySelector("button");
    const query = new URLSearchParams({
      device: device.value,
      at: this.clock.iso(this.clock.moment(at.value)),
      power: `${power.value} ${this.unit}`,
    });
    button.disabled = true;
    this.tell(["The scheduler computes …"]);
    try {
      const path = `/api/v3_0/jobs/${this.box.dataset.plan}/explanation?${query}`;
      const { answer, message } = await call("GET", path);
      this.tell(answer ? this.told(answer) : [message]);
    } catch (error) {
      this.tell([error.message]);
    } finally {
      button.disabled = false;
    }
  }

  told(answer) {
    if (!answer.possible) {
      const repair = answer.repair?.text || "";
      return [`That is not possible. ${answer.message}`, repair].filter(Boolean);
    }
    const difference = answer["cost-difference"];
    const money = (amount) => `${number(Math.abs(amount), 3)}\u00a0${answer.currency}`;
    const lines = [
      Math.abs(difference) < 5e-7
        ? "That would cost as much as what is planned."
        : `That would cost ${money(difference)} ${difference > 0 ? "more" : "less"} than what is planned.`,
    ];
    const change = answer["price-change"];
    if (change !== null && change !== undefined && Math.abs(difference) >= 5e-7) {
      lines.push(`It would cost the same if energy were ${money(change)}/MWh ${change < 0 ? "cheaper" : "dearer"} then.`);
    }
    const others = (answer.changes || []).map((each) => {
      const [start, end] = [each.start, each.end].map((moment) => this.clock.time(Date.parse(moment)));
      const [to, from] = [each.to, each.from].map((power) => withUnit(power * this.perMegawatt, this.unit));
      return `${each.device}, ${start} to ${end}: ${to} instead of ${from}`;
    });
    if (others.length) lines.push("With it would come:", others);
    return lines;
  }

  /** Show lines of text; a list within is a list. */
  tell(lines) {
    this.part("answer").replaceChildren(
      ...lines.map((line) => {
        if (!Array.isArray(line)) return Object.assign(document.createElement("p"), { textContent: line });
        const list = document.createElement("ul");
        for (const each of line) {
          list.append(Object.assign(document.createElement("li"), { textContent: each }));
        }
        return list;
      }),
    );
  }
}
