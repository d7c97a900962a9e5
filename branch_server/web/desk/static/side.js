// The right column: one's own day, and how the branch does.
import { el, minutesSince, number, pick, t } from "/static/base/base.js";
import { fill } from "/static/desk/rows.js";
import { meanTime, troubleName } from "/static/desk/say.js";
import { inMinutes, levelOf } from "/static/desk/times.js";
import { device, on, view } from "/static/desk/view.js";

const part = (name) => document.getElementById(name);
const GRAVE = new Set(["paper_out", "unseen", "offline", "error", "cover_open"]);

function figures(box, lines) {
  fill(box, lines, (line) => line.name, ({ name, value, kind }) => el("div", {}, el("dt", { text: name }), el("dd", { class: kind || "", text: value })));
}

function drawMe() {
  const { served, mean_s, no_shows } = view.me;
  figures(part("me"), [
    { name: t("Served"), value: number(served) },
    { name: t("Mean service"), value: meanTime(mean_s) },
    { name: t("No-shows"), value: number(no_shows) },
  ]);
}

function drawHall() {
  const { longest_since, counters, devices } = view.hall;
  const minutes = longest_since ? minutesSince(longest_since) : null;
  const open = counters.filter((one) => one.state === "open").length;
  figures(part("hall"), [
    { name: t("Longest wait"), value: minutes === null ? "–" : inMinutes(minutes), kind: minutes === null ? "" : levelOf(minutes) },
    { name: t("Counters open"), value: t("{open} of {all}", { open: number(open), all: number(counters.length) }) },
    ...devices.filter((one) => one.trouble).map((one) => ({
      name: pick(device(one.id)?.name) || one.id, value: troubleName(one.trouble), kind: GRAVE.has(one.trouble) ? "red" : "amber",
    })),
    { name: t("Cloud"), value: t("not set up"), kind: "quiet" },
  ]);
}

/** Starts drawing the column. */
export function showSide() {
  on(["me"], drawMe);
  on(["setup", "hall"], drawHall);
  setInterval(() => { if (view.setup && view.hall) drawHall(); }, 5000);
}
