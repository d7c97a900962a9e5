// The hall's displays: the notice of the day, and what each screen says and shows.

import { api, complain, el, number, sure, t, toast } from "/static/base/base.js";
import { carried, check, chips, choice, devices, field, inLanguage, live, nameOf, noteBox, order, save, texts } from "/static/devices/common.js";

const page = document.getElementById("page");
let notice = carried.notice;

/** As the board splits it: the first sentence large, the rest below it. */
function poster(text, code) {
  const at = text.search(/[.!?।؟](\s|$)/);
  const [head, rest] = at < 0 ? [text, ""] : [text.slice(0, at + 1), text.slice(at + 1).trim()];
  return el("div", { class: "poster", lang: code, dir: "auto" }, el("strong", { text: head }), ...(rest ? [el("span", { text: rest })] : []));
}

function noticeCard() {
  const state = el("p", { class: "quiet" });
  const preview = el("div", { class: "posters" });
  const text = texts(t("Words"), notice, { long: true, most: 240, hint: t("One or two short sentences. The first one stands large."), onchange: () => look() });
  const look = () => {
    const wanted = text.get(), isAny = Object.keys(wanted).length > 0;
    const shown = carried.languages.map(([code, own]) => el("figure", {}, poster(inLanguage(wanted, code), code), el("figcaption", { class: "quiet", text: own })));
    preview.replaceChildren(...(isAny ? shown : [el("p", { class: "quiet", text: t("Type a notice, and see here how it stands on the board.") })]));
    show.disabled = !isAny;
  };
  const told = () => {
    const isUp = Object.keys(notice).length > 0;
    state.textContent = isUp ? t("A notice is on every board now.") : t("There is no notice on the boards.");
    state.className = isUp ? "note" : "quiet";
    clear.disabled = !isUp;
  };
  const say = async (wanted, words) => {
    try { await api("POST", "/api/v1/announce", { text: wanted }); toast(words); } catch (error) { complain(error); }
  };
  const show = el("button", { type: "button", class: "main", text: t("Show it on every board"), onclick: () => say(text.get(), t("The notice is on every board.")) });
  const clear = el("button", { type: "button", text: t("Take it down"), onclick: async () => {
    if (await sure(t("Take the notice down?"), t("It disappears from every board at once. The words stay in this form."), t("Take it down"), { danger: false })) await say({}, t("The notice is down."));
  } });
  const card = el("section", { class: "card stack", id: "notice" }, el("h2", { text: t("Notice") }), state, el("div", { class: "tv-pair" }, text, preview), el("div", { class: "row" }, show, clear));
  card.hear = (given) => { notice = given; told(); };
  look();
  told();
  return card;
}

/** The languages in their order: each with a place up and down, and those that could be added. */
function languageList(given) {
  const box = el("div", { class: "tv-languages" });
  let chosen = given.length ? [...given] : carried.languages.map(([code]) => code);
  let isOwn = given.length > 0;
  const own = check(t("Other languages, or another order, than the branch"), isOwn);
  const offered = [...new Set([...carried.languages.map(([code]) => code), ...Object.keys(carried.own_names)])];
  const move = (at, by) => { const [one] = chosen.splice(at, 1); chosen.splice(at + by, 0, one); draw(); };
  const draw = () => {
    const rows = chosen.map((code, at) => el("li", {}, el("span", { lang: code, text: carried.own_names[code] ?? code }),
      el("button", { type: "button", text: "↑", "aria-label": t("{language} earlier", { language: carried.own_names[code] ?? code }), disabled: at === 0, onclick: () => move(at, -1) }),
      el("button", { type: "button", text: "×", "aria-label": t("Without {language}", { language: carried.own_names[code] ?? code }), disabled: chosen.length === 1, onclick: () => { chosen.splice(at, 1); draw(); } })));
    const rest = offered.filter((code) => !chosen.includes(code));
    const add = choice([["", t("Add a language")], ...rest.map((code) => [code, carried.own_names[code] ?? code])], "", { "aria-label": t("Add a language") });
    add.onchange = () => { chosen.push(add.value); draw(); };
    box.replaceChildren(...(isOwn ? [el("ol", {}, ...rows), ...(rest.length && chosen.length < 8 ? [add] : [])] : []));
  };
  own.box.onchange = () => { isOwn = own.box.checked; draw(); };
  draw();
  const group = el("fieldset", { class: "field" }, el("legend", { text: t("Languages on the screen and in the voice") }), own, box);
  group.get = () => (isOwn ? chosen : []);
  return group;
}

function displayCard(device) {
  let version = device.version;
  const tv = device.value.tv ?? { languages: [], sound: "voice", next_numbers: true, recent: 12, footer: {} };
  const note = noteBox();
  const languages = languageList(tv.languages);
  const sound = choice([["voice", t("Chime and voice")], ["chime", t("Chime only")], ["none", t("Silent")]], tv.sound);
  const next = check(t("Show who is next, for each service"), tv.next_numbers);
  const recent = choice([12, 8, 6, 4, 2, 0].map((count) => [String(count), count ? number(count) : t("none")]), String([12, 8, 6, 4, 2, 0].find((count) => count <= tv.recent)));
  const footer = texts(t("Line at the bottom"), tv.footer, { most: 160, hint: t("Stays there every day, such as Free water beside counter 3.") });
  const identify = el("button", { type: "button", text: t("Show its name"), disabled: !device.online, "data-order": "identify" });
  identify.onclick = () => order(device, "identify", identify);
  const form = el("form", { class: "stack" }, note,
    el("div", { class: "tv-pair" }, el("div", {}, languages, field(t("Sound"), sound, t("A screen that was started silent stays silent."))),
      el("div", {}, el("div", { class: "field" }, next), field(t("Calls before, at most"), recent, t("Calls that are up now are always all shown.")), footer)),
    el("div", { class: "row" }, el("button", { class: "main", text: t("Save") }), identify));
  form.onsubmit = async (event) => {
    event.preventDefault();
    const wanted = { languages: languages.get(), sound: sound.value, next_numbers: next.box.checked, recent: Number(recent.value), footer: footer.get() };
    const now = devices.find((one) => one.id === device.id) ?? device;
    const saved = await save(`/api/v1/devices/${encodeURIComponent(device.id)}`, { ...now.value, tv: wanted }, version, (words, newer) => { note.say(words); version = newer ?? version; });
    if (saved) version = saved.version;
  };
  const seen = el("div", { class: "row tv-seen" });
  const card = el("section", { class: "card", "data-id": device.id }, el("div", { class: "row spread" }, el("h2", {}, el("bdi", { text: nameOf(device) })), seen), form);
  card.hear = (fresh) => {
    seen.replaceChildren(...chips(fresh).map(([colour, words]) => el("span", { class: `chip ${colour}`, text: words })));
    if (!identify.hasAttribute("aria-busy")) identify.disabled = !fresh.online;
  };
  card.hear(device);
  return card;
}

const above = noticeCard();
const cards = new Map();
const stack = el("div", { class: "stack" }, above);
page.replaceChildren(stack);
const none = el("div", { class: "card empty" }, el("strong", { text: t("No hall displays yet") }), el("span", { text: t("Add one under Devices; its settings appear here.") }));

function draw() {
  const shown = devices.filter((device) => device.kind === "display");
  for (const [id, card] of cards) if (!shown.some((device) => device.id === id)) { card.remove(); cards.delete(id); }
  for (const device of shown) {
    if (cards.has(device.id)) cards.get(device.id).hear(device);
    else { const card = displayCard(device); cards.set(device.id, card); stack.append(card); }
  }
  shown.length ? none.remove() : stack.append(none);
}
draw();
live(draw, above.hear);
