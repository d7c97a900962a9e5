// Sheets: small windows over the console that ask one thing. Digits choose, Escape leaves, what was typed is kept.
import { el, t } from "/static/base/base.js";

/** A sheet with a title and content; resolves what `close(value)` is given, undefined where it was left. */
export function sheet(title, build) {
  return new Promise((resolve) => {
    const name = `sheet-${++made}`;
    const box = el("dialog", { class: "sheet", "aria-labelledby": name });
    const close = (value) => { box.close(); box.remove(); resolve(value); };
    const leave = el("button", { type: "button", class: "plain leave", "aria-label": t("Close this window"), text: "✕", onclick: () => close() });
    box.append(el("div", { class: "row spread sheet-head" }, el("h2", { id: name, text: title }), leave));
    box.oncancel = (event) => { event.preventDefault(); close(); };
    box.addEventListener("keydown", choose);
    build(box, close);
    document.body.append(box);
    box.showModal();
    (box.querySelector("[data-first]") || box.querySelector("button.option") || leave).focus();
  });
}
let made = 0;

/** A choice in a sheet; the first nine have a digit. */
export function option(text, note, act, { index, disabled } = {}) {
  const button = el("button", { type: "button", class: "option", "aria-disabled": disabled ? "true" : undefined });
  const words = el("span", { class: "option-words" }, el("strong", { text }));
  if (note) words.append(el("span", { class: "quiet", text: note }));
  button.append(words);
  if (index < 9 && !disabled) {
    button.dataset.digit = String(index + 1);
    button.append(el("kbd", { text: String(index + 1) }));
  }
  button.onclick = () => { if (!disabled) act(button); };
  return button;
}

/** A labelled field of a sheet; `kind` is an input's type, or `area`. */
export function field(name, label, { kind = "text", value = "", hint, first, ...rest } = {}) {
  const input = kind === "area" ? el("textarea", { id: `s-${name}`, name, rows: 3, ...rest }) : el("input", { id: `s-${name}`, name, type: kind, ...rest });
  input.value = value;
  if (first) input.dataset.first = "";
  const box = el("div", { class: "field" }, el("label", { for: input.id, text: label }), input);
  if (hint) {
    input.setAttribute("aria-describedby", `${input.id}-hint`);
    box.append(el("p", { class: "hint", id: `${input.id}-hint`, text: hint }));
  }
  return { box, input };
}

/** A select of a sheet: `choices` are [value, text]. */
export function choice(name, label, choices, chosen) {
  const select = el("select", { id: `s-${name}`, name });
  for (const [value, text] of choices) select.append(el("option", { value, text, selected: value === chosen }));
  return { box: el("div", { class: "field" }, el("label", { for: select.id, text: label }), select), input: select };
}

/** The line at a sheet's end: what is wrong, and the buttons. */
export function ending(...buttons) {
  const fault = el("p", { class: "fault", role: "alert", hidden: true });
  const say = (text) => { fault.textContent = text; fault.hidden = !text; };
  return { box: el("div", { class: "stack ending" }, fault, el("div", { class: "row end" }, ...buttons)), say };
}

/** What somebody has typed for `key` and not sent yet lasts as long as the window. */
export function draft(input, key) {
  const name = `foleni-draft:${key}`;
  try { input.value = sessionStorage.getItem(name) ?? input.value; } catch { /* then it lasts as long as the sheet */ }
  input.addEventListener("input", () => { try { sessionStorage.setItem(name, input.value); } catch { /* as above */ } });
  return () => { try { sessionStorage.removeItem(name); } catch { /* as above */ } };
}

function choose(event) {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return;
  const button = /^[1-9]$/.test(event.key) && event.currentTarget.querySelector(`[data-digit="${event.key}"]`);
  if (button) { event.preventDefault(); button.click(); }
}
