// Priority classes: how many minutes of waiting a kind of customer is given.

import { el, pick, t, tn } from "/static/base/base.js";
import { languages } from "/static/admin/carried.js";
import { texts } from "/static/admin/controls.js";
import { things } from "/static/admin/things.js";

const BUILT_IN = ["normal", "priority", "appointment", "vip"];
const credit = (minutes) => tn("{count} minute", "{count} minutes", minutes);

function sentence({ id, credit_min: minutes }) {
  if (!minutes) return id === "normal" ? t("What the others are measured by.") : t("No credit: the class is only noted on the ticket.");
  if (id === "appointment") return tn("Ranked {count} minute before they check in, and at most 10 minutes before the slot.", "Ranked {count} minutes before they check in, and at most 10 minutes before the slot.", minutes);
  return tn("Overtakes only who joined less than {count} minute before.", "Overtakes only who joined less than {count} minutes before.", minutes);
}

const explained = el("p", { class: "note", "aria-live": "polite" });
function typed(form, value) {
  const field = form.fields.find(({ name }) => name === "credit_min");
  if (!explained.isConnected) field.box.append(explained);
  explained.textContent = Number.isInteger(value.credit_min) ? sentence(value) : "";
  explained.hidden = !explained.textContent;
}

things({
  kind: "priority", title: t("Priority classes"), add: t("Add a class"), newTitle: t("New priority class"), typed,
  empty: [t("No priority classes."), ""],
  columns: [t("Name"), t("Credit"), t("What it means")],
  cells: ({ value }) => [
    el("th", { scope: "row", class: "name", text: pick(value.name) }),
    el("td", { "data-label": t("Credit"), class: "nowrap", text: credit(value.credit_min) }),
    el("td", { class: "quiet", text: sentence(value) }),
  ],
  sections: (isNew) => [{ fields: [
    { name: "name", label: t("Name"), make: texts(languages()) },
    ...(isNew ? [{ name: "id", label: t("Short name for programs"), dir: "ltr", most: 32, hint: t("Letters, digits and hyphens. It stays for ever; empty: made from the name.") }] : []),
    { name: "credit_min", label: t("Credit"), kind: "number", unit: t("minutes"), hint: t("From 0 to 1440. The normal class has none.") },
  ] }],
  fresh: () => ({ name: {}, credit_min: 15 }),
  titleOf: (value) => pick(value.name) || value.id,
  nameOf: (value) => value.name.en || pick(value.name),
  mayGo: ({ value }) => !BUILT_IN.includes(value.id),
  goes: () => t("New tickets cannot have this class. Tickets of today keep their place."),
});
