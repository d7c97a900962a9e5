// The parts of a form that hold more than one line: a name per language, a list of words, an ordered choice.

import { el, t } from "/static/base/base.js";
import { carried } from "/static/admin/carried.js";
import { idFor } from "/static/admin/form.js";

const changed = (node) => node.dispatchEvent(new Event("change", { bubbles: true }));

/** A text in each of `languages` ([[code, its own name]]); a language that is not among them but has a text is shown too. */
export const texts = (languages) => (field) => {
  const node = el("div", { class: "texts" });
  let inputs = [];
  const draw = (codes, value) => {
    inputs = codes.map(([code, name]) => {
      const id = idFor(`${field.name}-${code}`);
      const input = el("input", { id, name: `${field.name}.${code}`, lang: code, dir: "auto", autocomplete: "off", maxlength: 500 });
      input.value = value?.[code] ?? "";
      node.append(el("label", { for: id, text: name, lang: code }), input);
      return [code, input];
    });
  };
  const set = (value) => {
    node.replaceChildren();
    const more = Object.keys(value ?? {}).filter((code) => !languages.some(([known]) => known === code)).map((code) => [code, carried.own_names[code] ?? code]);
    draw([...languages, ...more], value);
  };
  const get = () => Object.fromEntries(inputs.map(([code, input]) => [code, input.value.trim()]).filter(([, text]) => text));
  return { node, get, set, isGroup: true };
};

/** Buttons that move a row up and down by press, and its handle that is dragged; `moved(from, to)` does it. */
function movable(row, index, count, label, moved) {
  const step = (by, sign, words) =>
    el("button", { type: "button", class: "small", "aria-label": words, title: words, text: sign, disabled: index + by < 0 || index + by >= count, onclick: () => moved(index, index + by, by) });
  row.draggable = true;
  row.addEventListener("dragstart", (event) => { event.dataTransfer.setData("text/plain", String(index)); event.dataTransfer.effectAllowed = "move"; row.classList.add("dragged"); });
  row.addEventListener("dragend", () => row.classList.remove("dragged"));
  row.addEventListener("dragover", (event) => { event.preventDefault(); row.classList.add("over"); });
  row.addEventListener("dragleave", () => row.classList.remove("over"));
  row.addEventListener("drop", (event) => {
    event.preventDefault();
    const from = Number(event.dataTransfer.getData("text/plain"));
    row.classList.remove("over");
    if (Number.isInteger(from) && from !== index && from < count) moved(from, index, 0);
  });
  row.addEventListener("keydown", (event) => {
    const by = event.altKey && event.key === "ArrowUp" ? -1 : event.altKey && event.key === "ArrowDown" ? 1 : 0;
    if (by && index + by >= 0 && index + by < count) { event.preventDefault(); moved(index, index + by, by); }
  });
  return [step(-1, "↑", t("Move {name} up", { name: label })), step(1, "↓", t("Move {name} down", { name: label }))];
}

/** Some of `options` ([[value, text]], or what returns them), in an order that people choose by drag or by keys. */
export const ordered = (options, { add, none }) => (field, id) => {
  const node = el("div", { class: "ordered", role: "group", "aria-label": field.label });
  let chosen = [];
  const known = () => (typeof options === "function" ? options() : options);
  const named = (value) => known().find(([other]) => other === value)?.[1] ?? value;
  const become = (values, focus) => { chosen = values; draw(); changed(node); focus?.(); };
  const move = (from, to, by) => {
    const values = [...chosen], [value] = values.splice(from, 1);
    values.splice(to, 0, value);
    become(values, () => {
      const [up, down] = node.children[0].children[to].querySelectorAll("button");
      (by < 0 && !up.disabled ? up : down.disabled ? up : down).focus();
    });
  };
  const row = (value, index) => {
    const item = el("li", { class: "ordered-row" }, el("span", { class: "handle", "aria-hidden": "true", text: "⠿" }), el("span", { class: "grow", text: named(value) }));
    const off = el("button", { type: "button", class: "small", text: "×", "aria-label": t("Take {name} off", { name: named(value) }), onclick: () => become(chosen.filter((other) => other !== value), () => node.querySelector("select, button")?.focus()) });
    item.append(...movable(item, index, chosen.length, named(value), move), off);
    return item;
  };
  const draw = () => {
    const list = el("ol", { class: "rows" }, ...chosen.map(row));
    const left = known().filter(([value]) => !chosen.includes(value));
    const pick = el("select", { id, "aria-label": add }, el("option", { value: "", text: add }), ...left.map(([value, text]) => el("option", { value, text })));
    pick.onchange = (event) => { event.stopPropagation(); if (pick.value) become([...chosen, pick.value], () => node.querySelector("select")?.focus()); };
    node.replaceChildren(list, ...(chosen.length ? [] : [el("p", { class: "quiet", text: none })]), ...(left.length ? [pick] : []));
  };
  return { node, get: () => [...chosen], set: (values) => { chosen = [...(values ?? [])]; draw(); }, isGroup: true };
};

/** A list of short words that people write themselves. */
export const wordsList = ({ add, none }) => (field) => {
  const node = el("div", { class: "ordered" });
  const list = el("ol", { class: "rows" });
  const empty = el("p", { class: "quiet", text: none });
  const get = () => [...list.querySelectorAll("input")].map((input) => input.value.trim()).filter(Boolean);
  const settle = () => { empty.hidden = list.children.length > 0; };
  const row = (text) => {
    const input = el("input", { name: field.name, "aria-label": field.label, maxlength: 64, autocomplete: "off", dir: "auto" });
    input.value = text;
    const off = el("button", { type: "button", class: "small", text: "×", "aria-label": t("Remove this line") });
    const item = el("li", { class: "ordered-row" }, input, off);
    off.onclick = () => { item.remove(); settle(); changed(node); more.focus(); };
    input.onkeydown = (event) => { if (event.key === "Enter") { event.preventDefault(); more.click(); } };
    list.append(item);
    return input;
  };
  const more = el("button", { type: "button", text: add, onclick: () => { const input = row(""); settle(); input.focus(); } });
  node.append(list, empty, more);
  return { node, get, set: (values) => { list.replaceChildren(); for (const text of values ?? []) row(text); settle(); }, isGroup: true };
};

/** A number that may be switched off: empty when it is off. */
export const switched = (words, unit, first) => (field, id) => {
  const on = el("input", { type: "checkbox", id, name: `${field.name}-on` });
  const input = el("input", { name: field.name, inputmode: "numeric", class: "short", dir: "ltr", autocomplete: "off", "aria-label": `${words}: ${unit}` });
  const node = el("div", { class: "row switched" }, el("label", { class: "check", for: id }, on, el("span", { text: words })), el("span", { class: "with-unit" }, input, el("span", { class: "quiet", text: unit })));
  const settle = () => { input.disabled = !on.checked; };
  on.onchange = () => { if (on.checked && !input.value) input.value = first; settle(); };
  const get = () => { const typed = input.value.trim(); return !on.checked ? null : /^\d+$/.test(typed) ? Number(typed) : typed; };
  return { node, get, set: (value) => { on.checked = value !== null && value !== undefined; input.value = value ?? ""; settle(); }, isNamed: true };
};
