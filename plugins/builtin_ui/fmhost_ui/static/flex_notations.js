/* The ways in which a value of a flex-model or flex-context is written: for each, what it is called,
   whether it fits a value, and the inputs for it. */

/** An element; properties by name, attributes by name with a dash or where there is no property. */
export function made(tag, given = {}, ...parts) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined || value === null || value === false) continue;
    if (name in element && !name.includes("-") && name !== "list") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...parts.filter((part) => part !== null && part !== undefined));
  return element;
}

let number = 0;

function labelled(label, input, note = null) {
  input.id ||= `flex-input-${++number}`;
  return made("div", { className: "flex-input" }, made("label", { htmlFor: input.id }, label), input, note);
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function line(label, value, options = {}) {
  const input = made("input", { type: "text", value, autocomplete: "off", spellcheck: false, ...options });
  return { element: labelled(label, input), read: () => input.value.trim() };
}

/* The name of a sensor stands in the list of those that can be chosen. */
function nameOf(id) {
  const option = document.querySelector(`#sensors option[value="${CSS.escape(id)}"]`);
  return option ? option.textContent : "";
}

function picker(label, id) {
  const note = made("p", { className: "hint" });
  const input = made("input", {
    type: "text", inputMode: "numeric", value: id, list: "sensors", autocomplete: "off",
    placeholder: "Its number, or search by name",
  });
  const tell = () => (note.textContent = input.value ? nameOf(input.value.trim()) : "");
  input.addEventListener("input", tell);
  tell();
  return { element: labelled(label, input, note), read: () => integer(input.value.trim()) };
}

function integer(text) {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/* Several sensors: a picker for each, the last one for another. */
function pickers(ids) {
  const list = made("div", { className: "flex-list" });
  const kept = [];
  const add = (id) => {
    const one = picker(`Sensor ${kept.length + 1}`, id);
    kept.push(one);
    list.append(one.element);
  };
  ids.forEach(add);
  add("");
  list.addEventListener("input", () => {
    if (kept[kept.length - 1].read() !== "") add("");
  });
  return { element: list, read: () => kept.map((one) => one.read()).filter((id) => id !== "") };
}

function choice(label, options, value) {
  const select = made("select");
  for (const [key, title] of options) select.append(made("option", { value: key, selected: key === value }, title));
  return { element: labelled(label, select), read: () => select.value };
}

function area(label, value) {
  const field = made("textarea", {
    className: "code", rows: 4, spellcheck: false, value: value === undefined ? "" : JSON.stringify(value, null, 2),
  });
  return { element: labelled(label, field), read: () => field.value };
}

/** By key: title, fits(value), inputs(value, field) -> {element, read}; `read` throws for bad JSON. */
export const NOTATIONS = {
  fixed: {
    title: "a fixed quantity",
    fits: (value) => typeof value === "string" || typeof value === "number",
    inputs(value, field) {
      const one = line("Value", value === undefined ? "" : String(value), {
        placeholder: field.example ? `such as ${field.example}` : undefined,
      });
      const wasNumber = typeof value === "number";
      return { ...one, read: () => (wasNumber && one.read() === String(value) ? value : one.read()) };
    },
  },
  sensor: {
    title: "the values of a sensor",
    fits: (value) => isObject(value) && "sensor" in value,
    inputs(value) {
      const { sensor = "", ...filters } = isObject(value) ? value : {};
      const one = picker("Sensor", String(sensor));
      if (Object.keys(filters).length) {
        one.element.append(made("p", { className: "hint" }, `With ${JSON.stringify(filters)}, which can be changed as JSON.`));
      }
      return { ...one, read: () => ({ sensor: one.read(), ...filters }) };
    },
  },
  series: {
    title: "a list of values with their times",
    fits: (value) => Array.isArray(value) && value.every((each) => isObject(each) && "value" in each),
    inputs: (value) => parsed(area("Values (JSON)", value)),
  },
  flag: {
    title: "yes or no",
    fits: (value) => typeof value === "boolean",
    inputs(value) {
      const one = choice("Value", [["true", "yes"], ["false", "no"]], String(value ?? true));
      return { ...one, read: () => one.read() === "true" };
    },
  },
  choice: {
    title: "one of several",
    fits: (value, field) => field.choices.includes(value),
    inputs: (value, field) => choice("Value", field.choices.map((each) => [each, each]), value),
  },
  text: {
    title: "a text",
    fits: (value) => typeof value === "string",
    inputs: (value, field) => line("Value", value ?? "", { placeholder: field.example ? `such as ${field.example}` : undefined }),
  },
  number: {
    title: "a number",
    fits: (value) => typeof value === "number",
    inputs(value) {
      const one = line("Value", value === undefined ? "" : String(value), { inputMode: "decimal" });
      return { ...one, read: () => (one.read() === "" || Number.isNaN(Number(one.read())) ? one.read() : Number(one.read())) };
    },
  },
  id: {
    title: "a sensor",
    fits: (value) => Number.isInteger(value),
    inputs: (value) => picker("Sensor", value === undefined ? "" : String(value)),
  },
  ids: {
    title: "sensors",
    fits: (value) => Array.isArray(value) && value.every(Number.isInteger),
    inputs: (value) => pickers((value ?? []).map(String)),
  },
  sensors: {
    title: "sensors",
    fits: (value) => Array.isArray(value) && value.every((each) => isObject(each) && Object.keys(each).join() === "sensor"),
    inputs(value) {
      const list = pickers((value ?? []).map((each) => String(each.sensor)));
      return { ...list, read: () => list.read().map((sensor) => ({ sensor })) };
    },
  },
  json: {
    title: "JSON",
    fits: () => true,
    inputs: (value) => parsed(area("Value (JSON)", value)),
  },
};

function parsed(inputs) {
  return { ...inputs, read: () => JSON.parse(inputs.read()) };
}
