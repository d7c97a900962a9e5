// The live figures: a picture comes at once and after each change; waits grow by themselves between two pictures.
import { data, el, follow, minutesSince, now, number, pick, setZone, span, t, tn } from "/static/base/base.js";

const start = data("start");
setZone(start.zone);
let picture = start.picture;

const STATES = { open: () => t("Open"), paused: () => t("Paused"), closed: () => t("Closed"), break: () => t("Break") };
const TONES = { open: "chip", paused: "chip amber", closed: "chip grey", break: "chip amber" };
const NOTHING = "\u2013";

const put = (id, ...children) => document.getElementById(id).replaceChildren(...children);
const num = (value) => el("td", { class: "num", text: value });
const state = (name) => el("td", {}, el("span", { class: TONES[name] || "chip grey", text: (STATES[name] || (() => name))() }));

/** Amber from 0.8 of the target on, red from twice the target on. */
function tone(since) {
  const minutes = minutesSince(since);
  if (minutes >= picture.target_min * 2) return "chip red";
  return minutes >= picture.target_min * 0.8 ? "chip amber" : "chip";
}
const waited = (since) => tn("{count} min", "{count} min", minutesSince(since));
const wait = (since) => el("td", { class: "num" }, since ? el("span", { class: tone(since), text: waited(since) }) : el("span", { class: "quiet", text: NOTHING }));

function big(label, value, hint = "", kind = "") {
  const card = el("section", { class: "card big" }, el("h3", { text: label }), el("p", { class: `figure ${kind}`, text: value }));
  if (hint) card.append(el("p", { class: "quiet small", text: hint }));
  return card;
}

function totals() {
  const all = picture.totals;
  const longest = all.waits_since ? waited(all.waits_since) : NOTHING;
  const kind = all.waits_since ? tone(all.waits_since).replace("chip", "").trim() : "";
  put("totals",
    big(t("Waiting"), number(all.waiting), all.parked ? tn("{count} parked", "{count} parked", all.parked) : ""),
    big(t("Longest wait"), longest, t("target {minutes} min", { minutes: number(picture.target_min) }), kind),
    big(t("Counters open"), t("{open} of {all}", { open: number(all.staffed), all: number(all.counters) }), tn("{count} ticket in hand", "{count} tickets in hand", all.in_hand)),
    big(t("Tickets today"), number(all.issued)),
    big(t("Served"), number(all.served)),
    big(t("No-shows"), number(all.no_show)),
    big(t("Abandoned"), number(all.abandoned)));
}

function services() {
  const rows = picture.services.map((one) => el("tr", {},
    el("th", { scope: "row", text: pick(one.name) }), state(one.state), num(number(one.waiting)), wait(one.waits_since),
    num(number(one.issued)), num(number(one.served)), num(number(one.no_show)), num(number(one.abandoned))));
  put("services", ...(rows.length ? rows : [el("tr", {}, el("td", { colspan: 8, class: "quiet", text: t("No services yet. They are set up in the administration.") }))]));
}

function counters() {
  const rows = picture.counters.map((one) => el("tr", {},
    el("th", { scope: "row", text: one.label }), state(one.state), el("td", { text: one.staff || NOTHING }),
    el("td", {}, el("span", { class: "figure", text: one.in_hand || NOTHING })),
    num(one.called_at ? span((now() - Date.parse(one.called_at)) / 1000) : NOTHING), num(number(one.served)), num(number(one.no_show))));
  put("counters", ...(rows.length ? rows : [el("tr", {}, el("td", { colspan: 7, class: "quiet", text: t("No counters yet. They are set up in the administration.") }))]));
}

function alerts() {
  put("alerts", ...picture.alerts.map((one) => el("li", { class: "note red", text: pick(one.text) })));
}

function draw() { totals(); services(); counters(); }

draw();
alerts();
follow("/api/v1/reports/live/stream", { live(fresh) { picture = fresh; draw(); alerts(); } });
setInterval(() => { if (!document.hidden) draw(); }, 1000);
