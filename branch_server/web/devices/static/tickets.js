// The words of paper tickets, with the paper itself beside them in each language and width.

import { el, number, t } from "/static/base/base.js";
import { carried, choice, devices, field, inLanguage, live, nameOf, noteBox, order, save, texts } from "/static/devices/common.js";

const page = document.getElementById("page");
const LOOK_AFTER_MS = 250, DOTS_A_MM = 8;
let { template, version } = carried;
let due = null;

const changed = () => { clearTimeout(due); due = setTimeout(look, LOOK_AFTER_MS); };
const note = noteBox();
const width = choice([["576", t("80 mm, 576 dots")], ["384", t("58 mm, 384 dots")]], String(template.width_px));
const welcome = texts(t("Below the branch's name"), template.texts.welcome, { long: true, most: 160, onchange: changed });
const follow = texts(t("Below the code to scan"), template.texts.follow, { most: 120, hint: t("Empty: our own words."), onchange: changed });
const footer = texts(t("At the end"), template.footer, { long: true, most: 240, onchange: changed });
const remark = el("input", { maxlength: 160, autocomplete: "off", dir: "auto", value: template.note, oninput: changed });

function draft() {
  const given = { ...template.texts, welcome: welcome.get(), follow: follow.get() };
  const kept = Object.fromEntries(Object.entries(given).filter(([, words]) => Object.keys(words).length));
  return { ...template, width_px: Number(width.value), texts: kept, footer: footer.get(), note: remark.value.trim() };
}

const shots = carried.shown.flatMap((code) => [576, 384].map((dots) => {
  const length = el("span", { class: "quiet" });
  const img = el("img", { alt: t("Sample ticket in {language}, {dots} dots wide", { language: carried.own_names[code] ?? code, dots }), "data-language": code, "data-dots": dots, class: dots === 576 ? "wide" : "narrow" });
  img.onload = () => { length.textContent = t("{mm} mm long", { mm: number(Math.round(img.naturalHeight / DOTS_A_MM)) }); img.classList.remove("old"); };
  img.onerror = () => { length.textContent = t("This cannot be drawn now."); };
  return { code, dots, img, box: el("figure", {}, img, el("figcaption", {}, el("span", { text: dots === 576 ? t("80 mm") : t("58 mm") }), length)) };
}));

/** Draws the samples anew whose words have changed; each address tells all that stands on its paper. */
function look() {
  const now = draft();
  for (const { code, dots, img } of shots) {
    const asked = new URLSearchParams({ language: code, width: dots, welcome: inLanguage(now.texts.welcome ?? {}, code), follow: inLanguage(now.texts.follow ?? {}, code), footer: inLanguage(now.footer, code), note: now.note });
    const url = `/api/v1/templates/preview.png?${asked}`;
    if (img.getAttribute("src") !== url) { img.classList.add("old"); img.src = url; }
  }
}

const kiosk = el("select", { "aria-label": t("Kiosk") });
const language = choice(carried.shown.map((code) => [code, carried.own_names[code] ?? code]), carried.shown[0], { "aria-label": t("Language") });
const print = el("button", { type: "button", text: t("Print a test ticket") });
print.onclick = () => {
  const chosen = devices.find((device) => device.id === kiosk.value);
  if (chosen) order(chosen, "print", print, { language: language.value, template: draft() });
};
const nobody = el("p", { class: "hint", text: t("No kiosk is connected now.") });

function drawKiosks() {
  const before = kiosk.value, there = devices.filter((device) => device.kind === "kiosk" && device.online);
  kiosk.replaceChildren(...there.map((device) => el("option", { value: device.id, text: nameOf(device) })));
  if (there.some((device) => device.id === before)) kiosk.value = before;
  kiosk.disabled = !there.length;
  nobody.hidden = there.length > 0;
  if (!print.hasAttribute("aria-busy")) print.disabled = !there.length;
}

const form = el("form", { class: "card" }, note,
  field(t("Paper"), width, t("A kiosk that was started with a width of its own keeps that.")), welcome, follow, footer,
  field(t("A line in all languages"), remark, t("Above the end, such as a phone number.")),
  el("div", { class: "row" }, el("button", { class: "main", text: t("Save") })));
form.onsubmit = async (event) => {
  event.preventDefault();
  const saved = await save(`/api/v1/templates/${encodeURIComponent(template.id)}`, draft(), version, (words, newer) => { note.say(words); version = newer ?? version; });
  if (saved) { template = saved.value; version = saved.version; }
};
const trial = el("section", { class: "card stack" }, el("h2", { text: t("Try it on paper") }), el("p", { class: "quiet", text: t("Prints what stands in this form now, saved or not. It is no ticket, and takes no number.") }), el("div", { class: "row" }, kiosk, language, print), nobody);
const papers = el("section", { class: "papers", "aria-label": t("Sample tickets") }, ...carried.shown.map((code) => el("div", { class: "card" }, el("h2", { lang: code, text: carried.own_names[code] ?? code }), el("div", { class: "paper-pair" }, ...shots.filter((shot) => shot.code === code).map((shot) => shot.box)))));
page.replaceChildren(el("div", { class: "ticket-page" }, el("div", { class: "stack" }, form, trial), papers));
drawKiosks();
look();
live(drawKiosks);
