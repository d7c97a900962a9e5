// The editor of a week's opening hours, and that of closures.

import { el, pick, sure, t } from "/static/base/base.js";
import { texts } from "/static/admin/controls.js";
import { DAYS, dayName, dateName } from "/static/admin/opening.js";

const changed = (node) => node.dispatchEvent(new Event("change", { bubbles: true }));
const WORKDAYS = ["mon", "tue", "wed", "thu", "fri"];
const USUAL = { week: Object.fromEntries(WORKDAYS.map((day) => [day, ["08:00-17:00"]])) };

/** `08:30` of what people type: 8, 830, 8.30, 8h30. What is no time stays as it is, for the branch to refuse. */
export function asTime(typed) {
  const found = /^(\d{1,2})(?:[:.h ]?(\d{2}))?$/i.exec(typed.trim());
  return found ? `${found[1].padStart(2, "0")}:${found[2] ?? "00"}` : typed.trim();
}

function timeInput(value, label) {
  const input = el("input", { class: "time", dir: "ltr", inputmode: "numeric", maxlength: 5, autocomplete: "off", placeholder: "08:00", "aria-label": label });
  input.value = value;
  input.addEventListener("change", () => { input.value = asTime(input.value); });
  return input;
}

/** Which days get the hours of `day`: resolves to their keys. */
function askDays(day) {
  return new Promise((resolve) => {
    const boxes = DAYS.filter((other) => other !== day).map((other) => {
      const box = el("input", { type: "checkbox", value: other });
      box.checked = WORKDAYS.includes(other) && WORKDAYS.includes(day);
      return [box, el("label", { class: "check" }, box, el("span", { text: dayName(other) }))];
    });
    const dialog = el("dialog", { "aria-labelledby": "copy-title" }, el("h2", { id: "copy-title", text: t("Copy {day} to", { day: dayName(day) }) }), ...boxes.map(([, label]) => label));
    const done = (days) => { dialog.close(); dialog.remove(); resolve(days); };
    const copy = el("button", { type: "button", class: "main", text: t("Copy"), onclick: () => done(boxes.filter(([box]) => box.checked).map(([box]) => box.value)) });
    dialog.append(el("div", { class: "row end" }, el("button", { type: "button", text: t("Cancel"), onclick: () => done([]) }), copy));
    dialog.oncancel = (event) => { event.preventDefault(); done([]); };
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** The week. `none` are the words of the switch that means "no hours of its own". */
export const weekEditor = ({ own, none, usual = () => USUAL }) => (field, id) => {
  const has = el("input", { type: "checkbox", id, name: field.name });
  const grid = el("div", { class: "week" });
  const quiet = el("p", { class: "quiet", text: none });
  const node = el("div", {}, el("label", { class: "check", for: id }, has, el("span", { text: own })), quiet, grid);
  const rows = Object.fromEntries(DAYS.map((day) => [day, []]));

  const spansOf = (day) => rows[day].map(([from, to]) => [asTime(from.value), asTime(to.value)]).filter(([from, to]) => from || to).map((span) => span.join("-"));
  const get = () => (has.checked ? { week: Object.fromEntries(DAYS.map((day) => [day, spansOf(day)]).filter(([, spans]) => spans.length)) } : null);
  const add = (day, spans, [from, to] = ["", ""]) => {
    const inputs = [timeInput(from, t("{day}: from", { day: dayName(day) })), timeInput(to, t("{day}: until", { day: dayName(day) }))];
    const off = el("button", { type: "button", class: "small", text: "×", "aria-label": t("{day}: remove these hours", { day: dayName(day) }) });
    const item = el("span", { class: "span" }, inputs[0], el("span", { "aria-hidden": "true", text: "–" }), inputs[1], off);
    off.onclick = () => { rows[day] = rows[day].filter((pair) => pair !== inputs); item.remove(); settle(day); changed(node); spans.parentElement.querySelector(".week-add").focus(); };
    rows[day].push(inputs);
    spans.append(item);
    settle(day);
    return inputs[0];
  };
  const settle = (day) => { grid.querySelector(`[data-day="${day}"] .closed`).hidden = rows[day].length > 0; };
  const fill = (day, spans) => {
    const box = grid.querySelector(`[data-day="${day}"] .spans`);
    rows[day] = [];
    for (const old of box.querySelectorAll(".span")) old.remove();
    for (const span of spans ?? []) add(day, box, span.split("-"));
    settle(day);
  };
  const copy = async (day) => { const spans = spansOf(day); for (const other of await askDays(day)) fill(other, spans); changed(node); };
  for (const day of DAYS) {
    const spans = el("div", { class: "spans" }, el("span", { class: "quiet closed", text: t("closed") }));
    const more = el("button", { type: "button", class: "week-add", text: "+", "aria-label": t("{day}: more hours", { day: dayName(day) }), title: t("More hours"), onclick: () => { add(day, spans).focus(); } });
    const again = el("button", { type: "button", class: "plain", text: t("Copy to …"), "aria-label": t("Copy {day} to other days", { day: dayName(day) }), onclick: () => copy(day) });
    grid.append(el("div", { class: "week-row", "data-day": day }, el("strong", { text: dayName(day) }), spans, el("div", { class: "row week-acts" }, more, again)));
  }
  const show = () => { grid.hidden = !has.checked; quiet.hidden = has.checked; };
  const set = (value) => { has.checked = Boolean(value); for (const day of DAYS) fill(day, value?.week?.[day]); show(); };
  has.addEventListener("change", () => { if (has.checked && !DAYS.some((day) => rows[day].length)) { const week = usual()?.week ?? USUAL.week; for (const day of DAYS) fill(day, week[day]); } show(); });
  return { node, get, set, isGroup: true };
};

/** Days on which the branch is closed, the next ones first; those that are over can be cleared away. */
export const closuresEditor = (languages, today) => (field) => {
  const list = el("ul", { class: "rows" });
  const empty = el("p", { class: "quiet", text: t("No closures are planned.") });
  let closures = [];
  const become = (next) => { closures = [...next].sort((a, b) => (a.day < b.day ? -1 : 1)); draw(); changed(list); };
  const daysOf = ({ day, until }) => (until && until !== day ? `${dateName(day)} – ${dateName(until)}` : dateName(day));
  const row = (closure) => {
    const over = (closure.until || closure.day) < today();
    const words = el("span", { class: "grow" }, el("strong", { text: pick(closure.name) || t("closure") }), el("span", { class: "quiet", text: ` ${daysOf(closure)} ${closure.day.slice(0, 4)}` }), ...(over ? [el("span", { class: "chip grey", text: t("over") })] : []));
    const edit = el("button", { type: "button", text: t("Change"), onclick: async () => { const next = await askClosure(closure, languages); if (next) become(closures.map((other) => (other === closure ? next : other))); } });
    const off = el("button", { type: "button", class: "small", text: "×", "aria-label": t("Remove {name}", { name: pick(closure.name) || daysOf(closure) }), onclick: async () => {
      if (await sure(t("Remove this closure?"), t("On {days} the services then open as on any other day.", { days: daysOf(closure) }), t("Remove"))) become(closures.filter((other) => other !== closure));
    } });
    return el("li", { class: "ordered-row" }, words, edit, off);
  };
  const draw = () => { list.replaceChildren(...closures.map(row)); empty.hidden = closures.length > 0; };
  const more = el("button", { type: "button", text: t("Add a closure"), onclick: async () => { const next = await askClosure({ day: today(), until: null, name: {} }, languages); if (next) become([...closures, next]); } });
  const node = el("div", { class: "ordered" }, list, empty, more);
  return { node, get: () => closures, set: (value) => { closures = [...(value ?? [])]; draw(); }, isGroup: true };
};

/** One closure, asked for in a sheet; null where nobody wants it. */
function askClosure(closure, languages) {
  return new Promise((resolve) => {
    const input = (id, label, value) => { const made = el("input", { id, type: "date", required: id === "closure-day" }); made.value = value ?? ""; return [el("div", { class: "field" }, el("label", { for: id, text: label }), made), made]; };
    const [dayBox, day] = input("closure-day", t("First day"), closure.day);
    const [untilBox, until] = input("closure-until", t("Last day (empty: only one)"), closure.until);
    const name = texts(languages)({ name: "closure-name" });
    name.set(closure.name);
    const fault = el("p", { class: "fault", role: "alert", hidden: true });
    const form = el("form", {}, dayBox, untilBox, el("fieldset", {}, el("legend", { text: t("Why, as customers read it") }), name.node), fault);
    const dialog = el("dialog", { "aria-labelledby": "closure-title" }, el("h2", { id: "closure-title", text: t("Closed on these days") }), form);
    const done = (value) => { dialog.close(); dialog.remove(); resolve(value); };
    form.append(el("div", { class: "row end" }, el("button", { type: "button", text: t("Cancel"), onclick: () => done(null) }), el("button", { class: "main", text: t("Done") })));
    form.noValidate = true;
    form.onsubmit = (event) => {
      event.preventDefault();
      fault.textContent = !day.value ? t("Choose the first day.") : until.value && until.value < day.value ? t("The last day is before the first.") : "";
      fault.hidden = !fault.textContent;
      if (fault.hidden) done({ day: day.value, until: until.value && until.value !== day.value ? until.value : null, name: name.get() });
    };
    dialog.oncancel = (event) => { event.preventDefault(); done(null); };
    document.body.append(dialog);
    dialog.showModal();
  });
}
