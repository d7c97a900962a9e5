// Times that run: waits with their colours, timers, countdowns. One clock tick a second moves them all.
import { clock, el, minutesSince, now, number, span, t } from "/static/base/base.js";
import { view } from "/static/desk/view.js";

const AMBER = 0.8, RED = 2;

/** How a wait stands to what the branch wants: `calm`, `amber` or `red`. */
export function levelOf(minutes) {
  const target = view.setup?.branch.wait_target_min || 15;
  return minutes >= RED * target ? "red" : minutes >= AMBER * target ? "amber" : "calm";
}

/** `19 min`. */
export const inMinutes = (minutes) => t("{minutes} min", { minutes: number(minutes) });

/** A wait that runs since `joined_at`, coloured, with a sign beside the colour. */
export function waitChip(joined_at) {
  const chip = el("span", { class: "chip wait", "data-wait": joined_at }, el("span", { class: "sign", "aria-hidden": "true" }), el("span", {}), el("span", { class: "only-heard" }));
  moveWait(chip);
  return chip;
}

/** A timer that counts up from `since`. */
export const timer = (since) => moved(el("span", { class: "figure", "data-since": since }));
/** A countdown to `until`. */
export const countdown = (until) => moved(el("span", { class: "figure", "data-until": until }));
/** When somebody is expected to be called: `4 min`, `soon`. */
export const expected = (at) => moved(el("span", { "data-expected": at }));

/** Moves every running time of the page. */
export function tick() {
  for (const chip of document.querySelectorAll("[data-wait]")) moveWait(chip);
  for (const one of document.querySelectorAll("[data-since], [data-until], [data-expected]")) moved(one);
}

/** Seconds that are left until a time of the server. */
export const left_s = (until) => Math.max(0, Math.ceil((Date.parse(until) - now()) / 1000));

/** The time of day of a server's time, or a dash. */
export const at = (when) => (when ? clock(when) : "–");

function moved(one) {
  const { since, until, expected: due } = one.dataset;
  if (since) write(one, span((now() - Date.parse(since)) / 1000));
  if (until) write(one, span(left_s(until)));
  if (due) {
    const minutes = Math.round((Date.parse(due) - now()) / 60000);
    write(one, minutes < 1 ? t("soon") : inMinutes(minutes));
  }
  return one;
}

function moveWait(chip) {
  const minutes = minutesSince(chip.dataset.wait);
  const level = levelOf(minutes);
  const [sign, figure, heard] = chip.children;
  write(figure, inMinutes(minutes));
  if (chip.dataset.level === level) return;
  chip.dataset.level = level;
  chip.classList.toggle("amber", level === "amber");
  chip.classList.toggle("red", level === "red");
  write(sign, { calm: "", amber: "▲", red: "▲▲" }[level]);
  write(heard, { calm: "", amber: t("waiting long"), red: t("waiting too long") }[level]);
}

function write(one, text) {
  if (one.textContent !== text) one.textContent = text;
}

setInterval(tick, 1000);
