// All names that customers read, in one table: a row a thing, a column a language, gaps marked.

import { api, complain, el, pick, t, tn, toast } from "/static/base/base.js";
import { languages, live, setup } from "/static/admin/carried.js";
import { keep, same } from "/static/admin/form.js";
import { urlOf } from "/static/admin/saving.js";

const page = document.getElementById("page");
const typed = new Map();
let onlyGaps = false;

/** Every text there is: where it stands in which thing. */
function rows() {
  const of = (kind, label) => setup[kind].map((thing) => ({ kind, id: thing.value.id, label, path: ["name"], thing }));
  const branch = setup.branch;
  const closures = (branch.value.closures ?? []).map((_, n) => ({ kind: "branch", id: branch.value.id, label: t("Closure"), path: ["closures", n, "name"], thing: branch }));
  return [{ kind: "branch", id: branch.value.id, label: t("Branch"), path: ["name"], thing: branch }, ...of("service", t("Service")), ...of("priority", t("Priority class")), ...closures];
}
const keyOf = (row, code) => JSON.stringify([row.kind, row.id, row.path, code]);
const textOf = (row, code) => row.path.reduce((inner, step) => inner[step], row.thing.value)[code] ?? "";
const shownText = (row, code) => typed.get(keyOf(row, code)) ?? textOf(row, code);
const gaps = (code) => rows().filter((row) => !shownText(row, code)).length;

function cell(row, [code, name]) {
  const label = `${row.label} ${pick(row.path.reduce((inner, step) => inner[step], row.thing.value)) || row.id}: ${name}`;
  const input = el("input", { lang: code, dir: "auto", "aria-label": label, autocomplete: "off", maxlength: 500, "data-key": keyOf(row, code) });
  input.value = shownText(row, code);
  const settle = () => { input.classList.toggle("gap", !input.value.trim()); input.placeholder = input.value ? "" : t("missing"); };
  input.oninput = () => {
    const key = keyOf(row, code);
    if (input.value.trim() === textOf(row, code)) typed.delete(key); else typed.set(key, input.value.trim());
    settle();
    counts();
  };
  settle();
  return el("td", {}, input);
}

function counts() {
  for (const [code] of languages()) {
    const left = gaps(code), chip = page.querySelector(`[data-gaps="${code}"]`);
    if (chip) { chip.className = `chip ${left ? "amber" : ""}`; chip.textContent = left ? tn("{count} missing", "{count} missing", left) : t("complete"); }
  }
  saveButton.disabled = typed.size === 0;
}

const saveButton = el("button", { type: "submit", class: "main", text: t("Save") });
const filter = el("input", { type: "checkbox", id: "only-gaps" });
filter.onchange = () => { onlyGaps = filter.checked; draw(); };

function draw() {
  const shown = rows().filter((row) => !onlyGaps || languages().some(([code]) => !textOf(row, code)));
  const head = languages().map(([code, name]) => el("th", { scope: "col" }, el("span", { text: `${name} `, lang: code }), el("span", { class: "chip", "data-gaps": code })));
  const lines = shown.map((row) => el("tr", {}, el("th", { scope: "row", class: "name" }, el("span", { class: "quiet kind", text: row.label }), document.createTextNode(row.id)), ...languages().map((one) => cell(row, one))));
  const table = el("table", { class: "texts-table" }, el("thead", {}, el("tr", {}, el("th", { scope: "col", text: t("Text of") }), ...head)), el("tbody", {}, ...lines));
  const form = el("form", { class: "stack" },
    el("div", { class: "row spread" }, el("label", { class: "check", for: "only-gaps" }, filter, el("span", { text: t("Only what is missing somewhere") })), el("a", { class: "button", href: "/admin/branch", text: t("Choose languages") })),
    shown.length ? el("div", { class: "card list" }, el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": t("Texts") }, table)) : el("div", { class: "card empty" }, el("strong", { text: t("Nothing is missing.") })),
    el("p", { class: "quiet", text: t("Words on paper tickets and notices in the hall have pages of their own.") }),
    el("div", { class: "row end save-bar" }, saveButton));
  form.onsubmit = (event) => { event.preventDefault(); saveAll(); };
  page.replaceChildren(form);
  counts();
}

/** The thing with what was typed for it; a text that was emptied goes. */
function changed(thing, of) {
  const value = structuredClone(thing.value);
  for (const row of of) {
    const texts = row.path.reduce((inner, step) => inner[step], value);
    for (const [code] of languages()) {
      const given = typed.get(keyOf(row, code));
      if (given) texts[code] = given; else if (given === "") delete texts[code];
    }
  }
  return value;
}

async function saveAll() {
  const byThing = new Map();
  for (const row of rows()) byThing.set(row.thing, [...(byThing.get(row.thing) ?? []), row]);
  let saved = 0;
  for (const [thing, of] of byThing) {
    const value = changed(thing, of);
    if (same(value, thing.value)) continue;
    try {
      const done = await api("PUT", urlOf(of[0].kind, of[0].id), { value, version: thing.version });
      Object.assign(thing, done);
      for (const row of of) for (const [code] of languages()) typed.delete(keyOf(row, code));
      saved += 1;
    } catch (error) {
      if (error.code === "stale" && error.body.current) Object.assign(thing, error.body.current);
      complain(error.body?.fields ? { message: `${of[0].label} ${of[0].id}: ${error.body.fields.map(({ message }) => message).join(" ")}` } : error);
    }
  }
  draw();
  if (saved) toast(typed.size ? t("Some texts are saved. Look at the others, and save again.") : t("Saved."));
}

keep(() => ({ dirty: typed.size > 0 }));
draw();
live(() => { if (!page.contains(document.activeElement) || !typed.size) draw(); });
