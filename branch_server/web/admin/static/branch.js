// The branch itself: its names, its hours, and the rules that hold for all services.

import { el, now, pick, sure, t } from "/static/base/base.js";
import { carried, languages, live, setup, zone } from "/static/admin/carried.js";
import { ordered, switched, texts, wordsList } from "/static/admin/controls.js";
import { Form, keep, same } from "/static/admin/form.js";
import { closuresEditor, weekEditor } from "/static/admin/hours.js";
import { businessDay, localTime, opening, rollOver } from "/static/admin/opening.js";
import { save } from "/static/admin/saving.js";

const page = document.getElementById("page");
const knownLanguages = Object.entries(carried.own_names);
const today = () => localTime(form?.get().time_zone && isZone(form.get().time_zone) ? form.get().time_zone : zone(), now()).date;
let form = null;

function isZone(name) {
  try { return Boolean(Intl.DateTimeFormat("en", { timeZone: name })); } catch { return false; }
}

const identity = {
  title: t("Name and place"),
  fields: [
    { name: "name", label: t("Name of the branch"), make: texts(languages()), hint: t("Customers read it on kiosks, displays and tickets.") },
    { name: "organization", label: t("Organization"), most: 64 },
    { name: "time_zone", label: t("Time zone"), list: "zones", dir: "ltr", hint: t("Type a city, such as Kigali, and choose.") },
    { name: "languages", label: t("Languages of customers"), hint: t("The first is shown where a text is missing."), make: ordered(knownLanguages, { add: t("Add a language …"), none: t("Choose at least one.") }) },
    { name: "url", label: t("Public address"), nullable: true, dir: "ltr", empty: "https://", hint: t("Where customers reach this branch's ticket pages. Empty where they cannot.") },
  ],
};
const hours = {
  title: t("Opening hours"),
  wide: true,
  fields: [{ name: "hours", label: t("Hours of the week"), make: weekEditor({ own: t("Services open and close by themselves"), none: t("No hours are set: services open and close by hand.") }), hint: t("Write 8 or 0830 for 08:30. A service may have hours of its own.") }],
};
const closures = {
  title: t("Closures"),
  hint: t("Holidays and other days on which the whole branch is closed."),
  wide: true,
  fields: [{ name: "closures", label: t("Days"), make: closuresEditor(languages(), () => today()) }],
};
const waits = {
  title: t("Waits and alerts"),
  hint: t("A wait turns amber near the target and red at twice the target."),
  fields: [
    { name: "wait_target_min", label: t("Nobody should wait longer than"), kind: "number", unit: t("minutes") },
    { name: "alerts.wait_min", label: t("Long waits"), make: switched(t("Tell staff when somebody waits over"), t("minutes"), 30) },
    { name: "alerts.for_min", label: t("… and it stays so for"), kind: "number", unit: t("minutes") },
    { name: "alerts.device_gone_min", label: t("Gone devices"), make: switched(t("Tell staff when a device is gone for"), t("minutes"), 3) },
    { name: "alerts.paper", label: t("Tell staff when a kiosk has no paper"), kind: "check" },
  ],
};
const rules = {
  title: t("Numbers and calls"),
  fields: [
    { name: "business_day_starts", label: t("Business day starts"), dir: "ltr", short: true, hint: t("Numbers start again, and whoever still waits is taken off. Choose a time when nobody is here.") },
    { name: "skip_places", label: t("Somebody who is skipped goes back"), kind: "number", unit: t("places") },
    { name: "max_skips", label: t("A no-show after"), kind: "number", unit: t("skips") },
    { name: "no_show_after_s", label: t("No-show by itself"), make: switched(t("A called customer who does not come is a no-show after"), t("seconds"), 300) },
    { name: "remote_issuer", label: t("Letter of the app's own numbers"), nullable: true, capitals: true, short: true, most: 1, dir: "ltr", hint: t("For tickets that are given while the branch cannot be reached, such as AR01 for R.") },
  ],
};
const words = {
  title: t("What staff choose from"),
  fields: [
    { name: "outcomes", label: t("Outcomes of a service"), make: wordsList({ add: t("Add an outcome"), none: t("Staff complete tickets without an outcome.") }) },
    { name: "park_reasons", label: t("Reasons to park a ticket"), make: wordsList({ add: t("Add a reason"), none: t("Staff write a reason, or none.") }) },
  ],
};

function inWords(value) {
  const place = isZone(value.time_zone) ? value.time_zone : zone();
  const { open, text } = opening(value.hours, value.closures, place, now(), pick);
  said.className = `note ${open === false ? "amber" : ""}`;
  said.textContent = text;
  rolls.textContent = /^\d\d:\d\d$/.test(value.business_day_starts) ? rollOver(value.business_day_starts, place, now()) : "";
}

const said = el("p", { class: "note", "aria-live": "polite" });
const rolls = el("p", { class: "quiet" });
const box = el("form", { class: "stack" });
box.noValidate = true;
page.replaceChildren(box, el("datalist", { id: "zones" }, ...carried.zones.map((value) => el("option", { value }))));
box.append(said);
form = new Form(box, [identity, hours, closures, waits, rules, words], setup.branch, inWords);
form.fields.find(({ name }) => name === "business_day_starts").box.append(rolls);
const saving = el("div", { class: "row end save-bar" }, el("button", { class: "main", text: t("Save") }));
box.append(saving);

/** What saving would do at once, in sentences: nobody closes a hall by a slip of the keys. */
function consequences(value) {
  const before = form.base, told = [];
  if (!isZone(value.time_zone) || !/^\d\d:\d\d$/.test(value.business_day_starts)) return told;
  const day = businessDay(value.business_day_starts, value.time_zone, now());
  if (day > businessDay(before.business_day_starts, before.time_zone, now())) told.push(t("A new business day begins at once: numbers start again, and whoever waits is taken off."));
  const isOpen = (one) => opening(one.hours, one.closures, one.time_zone, now()).open;
  const closing = setup.service.filter(({ value: service, live: queue }) => !service.hours && queue.state === "open").map(({ value: service }) => pick(service.name));
  if (isOpen(value) === false && isOpen(before) !== false && closing.length) told.push(t("By these hours it is closed now: {names} close at once. Those who wait keep their places.", { names: closing.join(", ") }));
  return told;
}

box.onsubmit = async (event) => {
  event.preventDefault();
  const told = consequences(form.get());
  if (told.length && !await sure(t("Save these changes?"), told.join(" "), t("Save"))) return;
  const spoken = form.base.languages;
  if (!await save("branch", null, form)) return;
  inWords(form.get());
  if (!same(spoken, form.get().languages)) location.reload();
};
keep(() => form);
inWords(form.get());
setInterval(() => inWords(form.get()), 20000);
live(() => { if (!form.dirty && setup.branch.version !== form.version) { form.set(setup.branch.value, setup.branch.version); inWords(form.get()); } });
