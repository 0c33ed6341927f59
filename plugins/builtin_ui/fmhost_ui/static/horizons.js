/* Puts an example of parameters into the form when another way to tell when values are known is
   chosen, and the parameters that were there when the former one is chosen again. */

const choice = document.getElementById("knowledge_horizon_fnc");
const field = document.getElementById("knowledge_horizon_par");

if (choice && field) {
  const texts = new Map(
    [...document.querySelectorAll("[data-horizon]")].map((each) => [each.dataset.horizon, each.textContent]),
  );
  let before = choice.value;
  choice.addEventListener("change", () => {
    texts.set(before, field.value);
    before = choice.value;
    field.value = texts.get(before) ?? "{}";
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
