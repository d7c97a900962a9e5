// Counters: which services they serve, in which order, and who is next at each.

import { el, pick, t } from "/static/base/base.js";
import { setup } from "/static/admin/carried.js";
import { ordered } from "/static/admin/controls.js";
import { idFor } from "/static/admin/form.js";
import { things } from "/static/admin/things.js";

const RULES = [
  ["fifo", t("Longest wait first"), t("Whoever has waited longest, of all its services.")],
  ["strict", t("First service first"), t("The second service is served only when nobody waits for the first.")],
  ["weighted", t("By shares"), t("Services take turns by their shares: 3 and 1 means three of the first, then one of the second.")],
];
const STATES = { open: [t("open"), ""], closed: [t("closed"), "grey"], break: [t("break"), "amber"] };
const options = () => setup.service.map(({ value }) => [value.id, pick(value.name)]);
const nameOf = (service) => options().find(([id]) => id === service)?.[1] ?? service;

/** The rules, each with a sentence, and the shares where they count. */
function routing(field) {
  const node = el("div", { class: "choices" });
  const group = idFor("routing");
  const radios = RULES.map(([value, title, sentence]) => {
    const radio = el("input", { type: "radio", name: group, value });
    node.append(el("label", { class: "choice" }, radio, el("span", {}, el("strong", { text: title }), el("span", { class: "quiet", text: sentence }))));
    return radio;
  });
  return { node, get: () => radios.find((radio) => radio.checked)?.value ?? "fifo", set: (value) => { for (const radio of radios) radio.checked = radio.value === value; }, isGroup: true };
}

/** A share from 1 to 100 for each service of the counter; `follow` draws those of other services. */
function shares(field) {
  const node = el("div", { class: "texts" });
  let weights = {}, rows = [];
  const draw = (services) => {
    node.replaceChildren();
    rows = services.map((service) => {
      const id = idFor(service);
      const input = el("input", { id, name: `weights.${service}`, class: "short", inputmode: "numeric", dir: "ltr", autocomplete: "off" });
      input.value = weights[service] ?? 1;
      input.addEventListener("input", () => { weights[service] = input.value; });
      node.append(el("label", { for: id, text: nameOf(service) }), input);
      return [service, input];
    });
  };
  const get = () => Object.fromEntries(rows.map(([service, input]) => [service, /^\d+$/.test(input.value.trim()) ? Number(input.value) : input.value.trim()]));
  return { node, get, set: (value) => { weights = { ...value }; draw(Object.keys(weights)); }, follow: draw, isGroup: true };
}

function typed(form, value) {
  const field = form.fields.find(({ name }) => name === "weights");
  const weighted = value.routing === "weighted";
  field.box.hidden = !weighted;
  const wanted = weighted ? value.services : [];
  if (JSON.stringify(Object.keys(value.weights)) !== JSON.stringify(wanted)) field.control.follow(wanted);
}

const sections = (isNew) => [
  { fields: [
    { name: "label", label: t("Label"), short: true, most: 16, hint: t("What the hall display and the voice say: 3, or Room 2.") },
    ...(isNew ? [{ name: "id", label: t("Short name for programs"), dir: "ltr", most: 32, hint: t("Letters, digits and hyphens. It stays for ever; empty: made from the label.") }] : []),
    { name: "services", label: t("Services, in order"), make: ordered(options, { add: t("Add a service …"), none: t("A counter serves at least one service.") }), hint: t("Drag them, or use the arrows, or Alt with the arrow keys.") },
    { name: "routing", label: t("Who is next"), make: routing },
    { name: "weights", label: t("Shares"), make: shares },
  ] },
];

things({
  kind: "counter", title: t("Counters"), add: t("Add a counter"), newTitle: t("New counter"), typed,
  empty: [t("No counters yet."), setup.service.length ? t("A counter is where somebody serves. Add the first one.") : t("Add a service first, then the counter that serves it.")],
  columns: [t("Label"), t("Services, in order"), t("Who is next"), t("Now")],
  cells: ({ value, live }) => [
    el("th", { scope: "row", class: "name" }, el("span", { class: "figure big", text: value.label })),
    el("td", { text: value.services.map(nameOf).join(" · ") }),
    el("td", { class: "quiet", text: RULES.find(([rule]) => rule === value.routing)?.[1] }),
    el("td", {}, el("span", { class: `chip ${STATES[live.state][1]}`, text: STATES[live.state][0] })),
  ],
  sections,
  fresh: () => ({ label: "", services: setup.service.length === 1 ? [setup.service[0].value.id] : [], routing: "fifo", weights: {} }),
  titleOf: (value) => t("Counter {label}", { label: value.label || value.id }),
  nameOf: (value) => (/^\d/.test(value.label) ? `c${value.label}` : value.label),
  goes: () => t("Nobody can be called to it any more. Its tickets of the past stay in the reports."),
});
