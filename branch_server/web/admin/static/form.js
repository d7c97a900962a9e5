// A form made from a description of its fields: what it holds, what is wrong in it, and whether anybody typed in it.

import { el, t } from "/static/base/base.js";

let made = 0;
/** An id for an element of a form: the same field may stand in two forms. */
export const idFor = (name) => `f${++made}-${name.replace(/\W/g, "-")}`;

export const at = (value, path) => path.split(".").reduce((inner, name) => inner?.[name], value);
const put = (value, path, given) => {
  const names = path.split("."), last = names.pop();
  let inner = value;
  for (const name of names) inner = inner[name] = { ...inner[name] };
  inner[last] = given;
};
export const same = (one, other) => JSON.stringify(one ?? null) === JSON.stringify(other ?? null);

/** A line of text, a number, or a choice. A field has `name`, `label`, `hint`, `kind` and what its kind needs. */
function plain(field, id) {
  const attributes = { id, name: field.name, "aria-describedby": field.hint ? `${id}-hint` : null };
  if (field.kind === "choice") {
    const node = el("select", attributes, ...field.options.map(([value, text]) => el("option", { value, text })));
    return { node, get: () => node.value, set: (value) => { node.value = value ?? ""; } };
  }
  if (field.kind === "number") {
    const node = el("input", { ...attributes, inputmode: "numeric", autocomplete: "off", class: "short", dir: "ltr", placeholder: field.empty });
    const get = () => { const typed = node.value.trim(); return typed === "" ? null : /^-?\d+$/.test(typed) ? Number(typed) : typed; };
    return { node: field.unit ? el("span", { class: "with-unit" }, node, el("span", { class: "quiet", text: field.unit })) : node, get, set: (value) => { node.value = value ?? ""; } };
  }
  const node = el("input", { ...attributes, type: "text", autocomplete: "off", maxlength: field.most, list: field.list, dir: field.dir, placeholder: field.empty, class: field.short ? "short" : null });
  const get = () => (node.value.trim() === "" && field.nullable ? null : field.capitals ? node.value.trim().toUpperCase() : node.value.trim());
  return { node, get, set: (value) => { node.value = value ?? ""; } };
}

function check(field, id) {
  const node = el("input", { id, name: field.name, type: "checkbox" });
  return { node: el("label", { class: "check", for: id }, node, el("span", { text: field.label })), get: () => node.checked, set: (value) => { node.checked = Boolean(value); }, isNamed: true };
}

/** One field with its label, hint and place for a fault. */
function drawn(field) {
  const id = idFor(field.name);
  const control = field.make ? field.make(field, id) : field.kind === "check" ? check(field, id) : plain(field, id);
  const fault = el("p", { class: "fault", id: `${id}-fault`, hidden: true });
  const hint = field.hint && el("p", { class: "hint", id: `${id}-hint`, text: field.hint });
  const parts = [control.node, ...(hint ? [hint] : []), fault];
  const box = control.isGroup
    ? el("fieldset", { class: "field" }, el("legend", { text: field.label }), ...parts)
    : el("div", { class: "field" }, ...(control.isNamed ? [] : [el("label", { for: id, text: field.label })]), ...parts);
  return { ...field, control, fault, box };
}

export class Form {
  /** `sections`: [{title, hint, fields}]; `box` gets them. `onchange` is called when anybody typed. */
  constructor(box, sections, { value, version }, onchange = () => {}) {
    this.box = box;
    this.fields = [];
    this.note = el("div", { class: "note", role: "alert", hidden: true });
    box.append(this.note);
    for (const { title, hint, fields, wide } of sections) {
      const drawnFields = fields.map(drawn);
      this.fields.push(...drawnFields);
      const inside = el("div", { class: wide ? "stack" : "fields" }, ...drawnFields.map((field) => field.box));
      box.append(el("section", { class: "card form-part" }, ...(title ? [el("h2", { text: title })] : []), ...(hint ? [el("p", { class: "quiet", text: hint })] : []), inside));
    }
    this.set(value, version);
    for (const kind of ["input", "change"]) box.addEventListener(kind, () => onchange(this.get()));
  }

  /** Takes a thing as the branch has it: nothing is typed any more. */
  set(value, version) {
    this.version = version;
    for (const field of this.fields) field.control.set(at(value, field.name));
    this.base = value;
    this.shown = this.get();
    this.faults([]);
  }

  /** The thing as it stands in the form; what has no field stays as it was. */
  get() {
    const value = structuredClone(this.base ?? {});
    for (const field of this.fields) put(value, field.name, field.control.get());
    return value;
  }

  typed(field) { return !same(at(this.shown, field.name), field.control.get()); }
  get dirty() { return this.fields.some((field) => this.typed(field)); }

  /** Says what is wrong, each at its field, and goes to the first. What has no field is said above. */
  faults(found, message = "") {
    let first;
    const rest = [];
    for (const field of this.fields) { field.fault.hidden = true; this.#mark(field, false); }
    for (const { field: place, message: sentence } of found) {
      const field = this.fields.find(({ name }) => place === name || place.startsWith(`${name}.`) || name.startsWith(`${place}.`));
      if (!field) { rest.push(sentence); continue; }
      field.fault.textContent = sentence;
      field.fault.hidden = false;
      this.#mark(field, true);
      first ??= field;
    }
    this.say([message, ...rest].filter(Boolean).join(" "), "red");
    first?.box.querySelector("input, select, textarea, button")?.focus();
  }

  /** One message above the form; without words it goes. */
  say(text, colour = "amber", ...more) {
    this.note.className = `note ${colour}`;
    this.note.hidden = !text;
    this.note.replaceChildren(...(text ? [el("strong", { text }), ...more] : []));
  }

  /** Somebody else saved the thing: their words come in where nobody typed here; returns what both changed. */
  merge(current) {
    const both = [], theirs = [];
    const before = this.shown;
    for (const field of this.fields) {
      const now = at(current.value, field.name);
      if (same(now, at(before, field.name))) continue;
      if (this.typed(field) && !same(now, field.control.get())) both.push([field, now]);
      else { field.control.set(now); theirs.push(field); }
    }
    const kept = this.fields.map((field) => [field, field.control.get()]);
    this.base = current.value;
    this.version = current.version;
    for (const field of this.fields) field.control.set(at(current.value, field.name));
    this.shown = this.get();
    for (const [field, value] of kept) field.control.set(value);
    return { both, theirs };
  }

  #mark(field, is) {
    for (const input of field.box.querySelectorAll("input, select, textarea")) {
      if (is) { input.setAttribute("aria-invalid", "true"); input.setAttribute("aria-errormessage", field.fault.id); }
      else { input.removeAttribute("aria-invalid"); input.removeAttribute("aria-errormessage"); }
    }
  }
}

/** What was typed on this page and is not saved: the browser asks before it goes. */
export function keep(form) {
  addEventListener("beforeunload", (event) => { if (form()?.dirty) event.preventDefault(); });
}

export const yesNo = (is) => (is ? t("yes") : t("no"));
