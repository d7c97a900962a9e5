// A queue that is looked after from afar: what the branch last told, and what staff may ask of it.

import { api, complain, data, el, follow, t, toast } from "/static/base/base.js";
import { closing, minutesSince, pick, pulse, span, tint } from "/static/offices/telling.js";

const by = (id) => document.getElementById(id);
const given = data("given");
const base = `/api/v1/staff/queues/${given.branch}`;
const CHANNELS = {
  kiosk: () => t("kiosk"), staff: () => t("reception"), app: () => t("app"), ussd: () => t("USSD"), appointment: () => t("appointment"), api: () => t("other programs"),
};
const STATES = { open: () => t("open"), closed: () => t("closed"), paused: () => t("paused"), break: () => t("on break") };
const TONES = { open: "", closed: "grey", paused: "red", break: "amber" };
let picture = given.picture;
let pausing = null;

const nameOf = (id) => pick(picture.services.find((one) => one.id === id)?.name) || id;
const state = (one) => el("span", { class: `chip ${TONES[one.state] ?? "grey"}`, text: STATES[one.state]?.() || one.state });

/** Asks the branch. While it is asked, every button rests: it decides, and its answer takes a moment. */
async function ask(path, body, done) {
  document.body.classList.add("asking");
  for (const button of document.querySelectorAll("[data-ask]")) button.disabled = true;
  try {
    const reply = await api("POST", path, body);
    toast(done(reply));
    return true;
  } catch (error) {
    if (error.code === "unavailable") toast(t("The branch does not answer. Nothing was done."), "trouble");
    else complain(error);
    return false;
  } finally {
    document.body.classList.remove("asking");
    draw();
  }
}

const button = (text, run, kind = "") => el("button", { type: "button", class: kind, "data-ask": "", text, disabled: !picture.live, onclick: run });

function called(reply) {
  const hand = reply.result?.in_hand;
  return hand ? t("{number} is called.", { number: hand.number }) : t("Nobody waiting.");
}

function counter(one) {
  const box = el("div", { class: "card counter" },
    el("div", { class: "row spread" }, el("strong", { text: t("Counter {label}", { label: one.label }) }), state(one)));
  const hand = el("div", { class: "row spread" }, el("span", { class: "hand figure", text: one.number || "–" }));
  if (one.called_at) hand.append(el("span", { class: "quiet", text: t("called {span} ago", { span: span(minutesSince(one.called_at)) }) }));
  box.append(hand);
  if (given.may.call && one.state === "open") {
    const row = el("div", { class: "row" });
    row.append(button(t("Call next"), () => ask(`${base}/call-next`, { counter: one.id, ...(one.number ? { seen: one.number } : {}) }, called), "main"));
    if (one.ticket) row.append(button(t("Not here"), () => ask(`/api/v1/staff/tickets/${one.ticket}/skip`, { seen: one.number }, () => t("{number} goes back a few places.", { number: one.number }))));
    box.append(row);
  }
  return box;
}

function service(one) {
  const box = el("div", { class: "card" }, el("div", { class: "row spread" }, el("strong", { text: nameOf(one.id) }), state(one)));
  if (one.reason) box.append(el("p", { class: "quiet under", text: one.reason }));
  if (given.may.steer) {
    const row = el("div", { class: "row" });
    const resume = () => ask(`${base}/resume`, { service: one.id }, () => t("{service} is open.", { service: nameOf(one.id) }));
    if (one.state !== "open") row.append(button(t("Open"), resume, "main"));
    if (one.state === "open") row.append(button(t("Pause"), () => begin("pause", one)));
    if (one.state !== "closed") row.append(button(t("Close"), () => begin("close", one)));
    box.append(row);
  }
  return box;
}

function line(one) {
  const waited = minutesSince(one.joined_at);
  const marks = [];
  if (one.provisional) marks.push(el("span", { class: "chip grey", text: t("not yet at the branch") }));
  else if (!one.is_here && one.channel !== "kiosk" && one.channel !== "staff") marks.push(el("span", { class: "chip grey", text: t("on the way") }));
  return el("tr", {},
    el("td", {}, el("span", { class: "figure", text: one.number || "–" })),
    el("td", { text: nameOf(one.service) }),
    el("td", {}, el("span", { class: `chip ${tint(waited)}`, text: span(waited) })),
    el("td", { class: "quiet" }, CHANNELS[one.channel]?.() || one.channel, " ", ...marks));
}

/** A button that has the focus is drawn anew; the focus goes to the new one in its place. */
function keepingFocus(work) {
  const all = () => [...document.querySelectorAll("[data-ask]")];
  const place = all().indexOf(document.activeElement);
  work();
  if (place >= 0) all()[place]?.focus();
}

function draw() {
  if (document.body.classList.contains("asking")) return;
  keepingFocus(() => {
    by("pulse").replaceChildren(pulse(picture));
    by("away").hidden = picture.live;
    by("away").textContent = picture.heard_at
      ? t("The branch is not connected. It goes on serving by itself; this is what it told before. Nothing can be asked of it now.")
      : t("The branch has never been heard. Start its server with this cloud’s address and the branch’s token.");
    by("count").textContent = String(picture.waiting.length);
    by("nobody").hidden = picture.waiting.length > 0;
    by("waiting").closest("table").hidden = picture.waiting.length === 0;
    by("waiting").replaceChildren(...picture.waiting.map(line));
    by("counters").replaceChildren(...picture.counters.map(counter));
    by("no-counters").hidden = picture.counters.length > 0;
    by("services").replaceChildren(...picture.services.map(service));
    by("no-services").hidden = picture.services.length > 0;
  });
}

function begin(what, one) {
  pausing = { what, service: one.id };
  by("pausing-title").textContent = what === "pause" ? t("Pause {service}?", { service: nameOf(one.id) }) : t("Close {service}?", { service: nameOf(one.id) });
  by("pausing-go").textContent = what === "pause" ? t("Pause") : t("Close");
  by("pausing-form").reset();
  by("pausing").showModal();
}

/** The next time the branch's clocks show this: its zone may be another one than this browser's. */
function nextAt(time) {
  const [hours, minutes] = time.split(":").map(Number);
  const there = new Intl.DateTimeFormat("en-u-nu-latn", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: given.zone });
  const now = there.format(new Date()).split(":").map(Number);
  const ahead = (((hours - now[0]) * 60 + minutes - now[1]) + 1440) % 1440 || 1440;
  return new Date(Math.floor(Date.now() / 60000 + ahead) * 60000).toISOString();
}

by("pausing-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  by("pausing").close();
  const body = { service: pausing.service };
  if (by("reason").value.trim()) body.reason = by("reason").value.trim();
  if (by("reopens").value) body.reopens_at = nextAt(by("reopens").value);
  const name = nameOf(pausing.service), words = pausing.what === "pause" ? t("{service} is paused.", { service: name }) : t("{service} is closed.", { service: name });
  await ask(`${base}/${pausing.what}`, body, () => words);
});

closing();
draw();
follow(`/office/${given.branch}/stream`, {
  queue: (told) => { picture = told; draw(); },
  over: () => location.reload(),
});
setInterval(draw, 30000);
