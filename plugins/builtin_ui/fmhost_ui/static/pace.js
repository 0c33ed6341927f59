/* Do something once nothing has happened for a while. */

/**
 * @param {function(...*): void} act
 * @param {number} pause [ms]
 * @returns {function(...*): void} calls `act` once it was not called itself for that long
 */
export function later(act, pause) {
  let waiting = 0;
  return (...given) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => act(...given), pause);
  };
}
