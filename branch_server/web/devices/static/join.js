// A box that asks is let in: its code is typed here, somebody says what it is, and it becomes a device.

import { api, complain, el, follow, language, sure, t, toast, whenFree } from "/static/base/base.js";
import { KINDS, carried, chips, choice, field, freeId, letterChoices, moment, nameOf, noteBox, sinceWhen, texts } from "/static/devices/common.js";

const DIGITS = 6, MANY = 5;
const page = document.getElementById("page");
const who = el("section", { class: "card stack", "aria-live": "polite" });
let { asking, closed } = carried.joining;
let devices = carried.devices;
/** What else is drawn anew when a picture comes: the form of the box that was found does not vanish under the fingers. */
let refresh = () => {};

const spaced = (code) => `${code.slice(0, 3)} ${code.slice(3)}`.trim();
const modelOf = (box) => box.box || KINDS[box.kind]();

function facts(box, isNamed = false) {
  const told = [[t("Kind"), KINDS[box.kind]()], ...(box.box && !isNamed ? [[t("Machine"), box.box]] : []), [t("Address"), box.address], [t("Version"), box.version], [t("Asks since"), moment(box.since)]];
  return el("dl", { class: "device-facts" }, ...told.map(([name, value]) => el("div", {}, el("dt", { text: name }), el("dd", { text: value, dir: "auto" }))));
}

async function turnAway(box) {
  if (!await sure(t("Turn away {name}?", { name: modelOf(box) }), t("Nothing is given to it. It may ask again with another code."), t("Turn away"))) return;
  try { await api("POST", `/api/v1/joining/${box.request}/refuse?lang=${language}`, {}); } catch (error) { complain(error); }
}

function drawWho() {
  const focused = document.activeElement?.dataset?.refuse;
  const row = (box) => el("li", { class: "asking", "data-request": box.request },
    el("div", { class: "grow" }, el("strong", {}, el("bdi", { text: modelOf(box) })), facts(box, true)),
    el("button", { type: "button", text: t("Turn away"), "data-refuse": box.request, "aria-label": `${t("Turn away")}: ${modelOf(box)}`, onclick: () => turnAway(box) }));
  const many = el("p", { class: "note amber", text: t("Many boxes ask. If you have not unpacked so many, somebody on the network may be disturbing: look at the addresses.") });
  const empty = [el("strong", { text: t("No box is asking") }), el("ol", { class: "device-steps" },
    el("li", { text: t("Connect the box to the branch's network and to power.") }),
    el("li", { text: t("Within a minute its screen shows six digits. A box without a screen shows them on its counter unit, and in its log.") }),
    el("li", { text: t("Type the digits here.") }))];
  who.replaceChildren(el("h2", { text: t("Boxes that ask now") }), ...(asking.length >= MANY ? [many] : []), ...(asking.length ? [el("ul", { class: "asking-list" }, ...asking.map(row))] : empty));
  if (focused) who.querySelector(`[data-refuse="${focused}"]`)?.focus();
}

/** The place for the code. `given` comes from the picture on the box's screen. */
function typing(given = "") {
  const note = noteBox();
  const input = el("input", { id: "code", class: "join-code", inputmode: "numeric", autocomplete: "off", maxlength: 12, dir: "ltr", "aria-describedby": "code-hint" });
  const button = el("button", { class: "main", text: t("Continue") });
  const hint = el("p", { class: "hint", id: "code-hint", text: t("Only the digits on the box's own screen count. Somebody who stands before it can read them to you.") });
  const form = el("form", { class: "stack" }, note, el("label", { for: "code", text: t("The six digits on the box") }), input, hint, el("div", { class: "row" }, button));
  form.noValidate = true;
  let isAsking = false;
  form.onsubmit = async (event) => {
    event.preventDefault();
    const code = input.value.replace(/\D/g, "");
    if (code.length !== DIGITS) { note.say(t("Type all six digits.")); input.focus(); return; }
    if (isAsking) return;
    isAsking = true;
    button.disabled = true;
    try {
      found(await api("POST", `/api/v1/joining/look?lang=${language}`, { code }), code);
    } catch (error) {
      note.say(error.message);
      button.disabled = false;
      input.select();
    }
    isAsking = false;
  };
  input.oninput = () => { note.say(""); if (/^\d{6}$/.test(input.value)) input.value = spaced(input.value); };
  input.value = spaced(given);
  const byHand = el("p", {}, el("a", { href: "/admin/devices#by-hand", text: t("Set up a program without a code") }));
  const shut = el("p", { class: "note red", role: "status", text: t("Joining is closed for some minutes after too many wrong codes. Boxes show new codes after that.") });
  refresh = () => { shut.hidden = !closed; drawWho(); };
  refresh();
  page.replaceChildren(el("div", { class: "join" }, shut, el("section", { class: "card" }, form), who, byHand));
  if (given) button.focus(); else input.focus();
}

/** The box that shows the code: what it is to be, and the one button that lets it in. */
function found(box, code) {
  const note = noteBox(), twins = devices.filter(({ kind }) => kind === box.kind);
  const told = (device) => { const when = sinceWhen(device); return `${nameOf(device)} (${chips(device)[0][1]}${when ? ` ${when}` : ""})`; };
  const place = choice([["", t("A new device")], ...twins.map((device) => [device.id, t("In place of {name}", { name: told(device) })])], box.device);
  const id = el("input", { value: freeId(box.kind, devices), maxlength: 32, pattern: "[a-z0-9\\-]{1,32}", autocomplete: "off", dir: "ltr", required: true });
  const name = texts(t("Name"), null, { most: 64, hint: t("As staff call it, such as Main door. Without a name its id is shown.") });
  const letters = letterChoices(null, devices);
  const issuer = choice(letters, box.kind === "kiosk" ? (letters.find(([letter]) => letter >= "X") ?? letters.at(-1))[0] : "");
  const counter = choice([["", t("Choose a counter")], ...carried.counters], "");
  const idField = field(t("Id"), id, t("Small letters, digits and hyphens. It stays as it is."));
  const issuerField = field(t("Own letter"), issuer, t("With it the kiosk can give numbers while the branch server is away, such as AX01."));
  const counterField = field(t("Counter"), counter, t("Where the unit stands. Its keys work this counter only."));
  const fresh = el("div", {}, idField, name, ...(box.kind === "kiosk" ? [issuerField] : []), ...(box.kind === "counter" ? [counterField] : []));
  const instead = el("p", { class: "note amber", text: t("The new box gets the name, the letter and the place of the old one. The old box is cut off at once.") });
  const fit = () => { fresh.hidden = Boolean(place.value); instead.hidden = !place.value; };
  place.onchange = fit;
  fit();
  const approve = el("button", { class: "main", text: t("Approve") });
  const row = el("div", { class: "row end" }, el("button", { type: "button", text: t("Back"), onclick: () => typing() }), approve);
  const form = el("form", { class: "stack" }, note, ...(twins.length ? [field(t("This box is"), place)] : []), fresh, instead, row);
  form.noValidate = true;
  let isSaving = false;
  form.onsubmit = async (event) => {
    event.preventDefault();
    idField.say(!place.value && !/^[a-z0-9-]{1,32}$/.test(id.value.trim()) ? t("Small letters, digits and hyphens; at most 32.") : "");
    counterField.say(!place.value && box.kind === "counter" && !counter.value ? t("A counter unit needs its counter.") : "");
    const wrong = form.querySelector("[aria-invalid]");
    if (wrong) { wrong.focus(); return; }
    if (isSaving) return;
    isSaving = true;
    approve.disabled = true;
    const names = name.get();
    const wanted = place.value ? { code, id: place.value, replaces: true } : { code, id: id.value.trim(), name: Object.keys(names).length ? names : null, issuer: issuer.value || null, counter: counter.value || null };
    try {
      approved((await api("POST", `/api/v1/joining/${box.request}/approve?lang=${language}`, wanted)).device);
    } catch (error) {
      note.say([error.message, ...(error.body?.fields ?? []).map(({ message }) => message)].join(" "));
      approve.disabled = false;
    }
    isSaving = false;
  };
  const title = el("h2", { tabindex: "-1", text: t("Is this the box before you?") });
  const gone = el("p", { class: "note amber", role: "status", hidden: true, text: t("This box waits no longer. It will show a new code in a moment.") });
  refresh = () => { gone.hidden = asking.some(({ request }) => request === box.request); };
  page.replaceChildren(el("div", { class: "join" }, el("section", { class: "card stack" }, title, gone, el("p", { class: "join-code", dir: "ltr", text: spaced(code) }), facts(box), form)));
  title.focus();
}

function approved(id) {
  const title = el("h2", { tabindex: "-1" }), words = el("p", { role: "status" });
  refresh = () => {
    const device = devices.find((one) => one.id === id);
    const name = device ? nameOf(device) : id;
    title.textContent = device?.online ? t("{name} is connected", { name }) : t("{name} is approved", { name });
    words.textContent = device?.online ? t("It works now.") : t("It fetches what it needs and connects by itself, within half a minute.");
  };
  refresh();
  const again = el("button", { type: "button", text: t("Add another one"), onclick: () => typing() });
  page.replaceChildren(el("div", { class: "join" }, el("section", { class: "card stack" }, title, words, el("div", { class: "row end" }, again, el("a", { class: "button main", href: "/admin/devices", text: t("To the devices") })))));
  title.focus();
  toast(t("Approved."));
}

function unavailable() {
  const why = carried.obstacle === "second_server" ? t("This is the branch's second server. Only the first one can let boxes in; those that have joined go on working.") : t("The consoles or the broker of this branch have no TLS on the network, so a box could not know whom it talks to.");
  page.replaceChildren(el("div", { class: "card empty" }, el("strong", { text: t("No box can join here") }), el("p", { text: why }), el("a", { href: "/admin/devices#by-hand", text: t("Set up a program without a code") })));
}

if (carried.joins) {
  typing((new URLSearchParams(location.search).get("code") ?? "").replace(/\D/g, "").slice(0, DIGITS));
  follow("/api/v1/joining/stream", {
    joining: (picture) => { ({ asking, closed } = picture); whenFree(() => refresh()); },
    devices: (picture) => { devices = picture.devices; whenFree(() => refresh()); },
  });
} else unavailable();
