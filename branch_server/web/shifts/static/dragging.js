// A shift under the mouse: along its day it gets other times, in another cell another day or row, at its ends another length.
import { isSame, moved, resized, snapped } from "/static/shifts/times.js";

const EDGE_PX = 12, NEAR_PX = 4;

/** `plan` is the table; `shiftOf(button)` finds what a button stands for; `placed(shift, cell)` is it in another cell;
 *  `span_min` is how many minutes a cell is wide; `show` draws it while it moves, `drop` keeps it. */
export function draggable(plan, { shiftOf, placed, span_min, show, drop }) {
  let held = null;
  const mirrored = document.documentElement.dir === "rtl" ? -1 : 1;

  function grip(button, x) {
    const box = button.getBoundingClientRect(), first = mirrored > 0 ? x - box.left : box.right - x;
    if (first < EDGE_PX) return "start";
    return box.width - first < EDGE_PX ? "end" : "all";
  }

  function now(event) {
    const by_min = snapped((event.clientX - held.x) * mirrored / held.cell.clientWidth * span_min());
    if (held.grip !== "all") return resized(held.shift, held.grip, by_min);
    const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest("td[data-day]");
    if (cell && plan.contains(cell) && cell !== held.cell) return placed(held.shift, cell);
    return moved(held.shift, by_min);
  }

  function swallow(click) { click.stopPropagation(); click.preventDefault(); }

  plan.addEventListener("pointerdown", (event) => {
    const button = event.target.closest("button.shift");
    if (!button || event.button !== 0 || event.pointerType === "touch") return;
    held = { button, shift: shiftOf(button), cell: button.closest("td"), x: event.clientX, y: event.clientY, grip: grip(button, event.clientX), far: false };
  });
  addEventListener("pointermove", (event) => {
    if (!held) return;
    held.far = held.far || Math.hypot(event.clientX - held.x, event.clientY - held.y) > NEAR_PX;
    if (!held.far) return;
    event.preventDefault();
    getSelection()?.removeAllRanges();
    document.body.classList.add("dragging");
    show(held.button, now(event), document.elementFromPoint(event.clientX, event.clientY)?.closest("td[data-day]"));
  });
  addEventListener("pointerup", (event) => {
    const done = held;
    if (!done) return;
    if (done.far) {
      // The click that follows a drag is none.
      plan.addEventListener("click", swallow, true);
      setTimeout(() => plan.removeEventListener("click", swallow, true), 0);
      const wanted = now(event);
      if (!isSame(wanted, done.shift)) drop(wanted, done.shift); else show(null);
    }
    held = null;
    document.body.classList.remove("dragging");
  });
  function letGo() {
    if (!held) return;
    held = null;
    document.body.classList.remove("dragging");
    show(null);
  }
  addEventListener("pointercancel", letGo);
  addEventListener("keydown", (event) => { if (event.key === "Escape") letGo(); });
}
