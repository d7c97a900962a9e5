// Services: what customers come for. Opened, paused and closed here too.

import { api, clock, complain, el, number, pick, setZone, sure, t, tn } from "/static/base/base.js";
import { languages, setup, zone } from "/static/admin/carried.js";
import { switched, texts } from "/static/admin/controls.js";
import { weekEditor } from "/static/admin/hours.js";
import { things } from "/static/admin/things.js";

const STATES = { open: [t("open"), ""], paused: [t("paused"), "amber"], closed: [t("closed"), "red"] };
setZone(zone());

function minutesOf(field, id) {
  const input = el("input", { id, name: field.name, inputmode: "decimal", class: "short", dir: "ltr", autocomplete: "off" });
  const get = () => { const typed = input.value.trim().replace(",", "."); return /^\d+(\.\d+)?$/.test(typed) ? Math.round(Number(typed) * 60) : typed || null; };
  return { node: el("span", { class: "with-unit" }, input, el("span", { class: "quiet", text: t("minutes") })), get, set: (value) => { input.value = value ? number(value / 60, 2).replace(/[^\d.,]/g, "") : ""; } };
}

const freePrefix = () => [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"].find((letter) => !setup.service.some(({ value }) => value.prefix === letter)) ?? "";

const sections = (isNew) => [
  { fields: [
    { name: "name", label: t("Name"), make: texts(languages()) },
    { name: "prefix", label: t("Prefix of its numbers"), capitals: true, short: true, most: 2, dir: "ltr", hint: t("One or two letters: A gives A001, A002 …") },
    ...(isNew ? [{ name: "id", label: t("Short name for programs"), dir: "ltr", most: 32, hint: t("Letters, digits and hyphens. It stays for ever; empty: made from the name.") }] : []),
    { name: "service_time_s", label: t("Usual service time"), make: minutesOf, hint: t("For the first waits of the day; then the branch goes by what it sees.") },
    { name: "daily_limit", label: t("Limit"), make: switched(t("At most so many tickets a day"), t("tickets"), 100) },
    { name: "max_priority_run", label: t("Priority"), make: switched(t("After so many priority tickets in a row, a normal one is called"), t("tickets"), 2) },
  ] },
  { title: t("Opening hours"), wide: true, fields: [{ name: "hours", label: t("Hours of the week"), make: weekEditor({ own: t("This service has hours of its own"), none: t("It opens and closes with the branch."), usual: () => setup.branch.value.hours }) }] },
];

async function turn(thing, act) {
  const name = pick(thing.value.name), waiting = thing.live.waiting;
  const stay = waiting ? tn("{count} customer waits and keeps the place.", "{count} customers wait and keep their places.", waiting) : t("Nobody is waiting.");
  const still = t("It takes no new customers until somebody opens it, or the hours do.");
  const asked = {
    open: null,
    pause: [t("Pause {name}?", { name }), `${still} ${stay}`, t("Pause")],
    close: [t("Close {name}?", { name }), `${still} ${stay}`, t("Close")],
  }[act];
  if (asked && !await sure(...asked)) return;
  await api("POST", `/api/v1/services/${thing.value.id}/${act}`, {}).catch(complain);
}

const button = (thing, act, text) => el("button", { type: "button", text, "aria-label": `${text}: ${pick(thing.value.name)}`, "data-act-service": act, onclick: () => turn(thing, act) });

function stateOf({ live }) {
  const [text, colour] = STATES[live.state];
  const until = t("until {time}", { time: live.reopens_at ? clock(live.reopens_at) : "" });
  const again = live.reopens_at && live.state !== "open" ? el("span", { class: "quiet nowrap", text: ` ${until}` }) : "";
  return el("td", {}, el("span", { class: `chip ${colour}`, text }), again);
}

things({
  kind: "service", title: t("Services"), add: t("Add a service"), newTitle: t("New service"),
  empty: [t("No services yet."), t("A service is what customers come for: Cash, Enquiries, Triage. Add the first one.")],
  columns: [t("Prefix"), t("Name"), t("Now"), t("Waiting"), t("Hours")],
  cells: (thing) => [
    el("td", {}, el("strong", { class: "figure big", text: thing.value.prefix })),
    el("th", { scope: "row", class: "name", text: pick(thing.value.name) }),
    stateOf(thing),
    el("td", { "data-label": t("Waiting"), text: number(thing.live.waiting) }),
    el("td", { "data-label": t("Hours"), class: "quiet", text: thing.value.hours ? t("of its own") : setup.branch.value.hours ? t("of the branch") : t("by hand") }),
  ],
  acts: (thing) => (thing.live.state === "open" ? [button(thing, "pause", t("Pause")), button(thing, "close", t("Close"))] : [button(thing, "open", t("Open"))]),
  sections,
  fresh: () => ({ name: {}, prefix: freePrefix(), service_time_s: 300, daily_limit: null, max_priority_run: null, hours: null }),
  titleOf: (value) => pick(value.name) || value.id,
  nameOf: (value) => value.name.en || pick(value.name),
  goes: () => t("Customers can no longer choose it. Its tickets of the past stay in the reports. It cannot be taken back, but it can be added again."),
});
