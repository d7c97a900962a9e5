// What the pages of devices share: what they carry, times, states in words, forms of texts, and orders.

import { api, clock, complain, data, el, follow, isAway, language, now, pick, setNow, setZone, t, toast, whenFree } from "/static/base/base.js";

export const carried = data("carried");
setNow(carried.now);
setZone(carried.zone);

/** The devices as the branch tells them now. */
export let devices = carried.devices;
/** Whether the branch hears its devices now; where it does not, they are shown as they were. */
export let hears = carried.hears;
/** The boxes that ask to join, where this person may let them in. */
export let asking = carried.joining?.asking ?? [];
/** Calls `draw` whenever a device has changed, and `onNotice` with the notice of the hall. */
export function live(draw, onNotice = () => {}) {
  follow("/api/v1/devices/stream", {
    devices: (picture) => { devices = picture.devices; hears = picture.hears; whenFree(draw); },
    joining: (picture) => { asking = picture.asking; whenFree(draw); },
    notice: (picture) => onNotice(picture.text),
  });
}

const dayOf = (when, wanted) => new Intl.DateTimeFormat(`${language}-u-nu-latn`, { timeZone: carried.zone, ...wanted }).format(when);
/** `10:42` today, `19 Nov 10:42` on another day. */
export function moment(when) {
  const at = new Date(when), numeric = { year: "numeric", month: "2-digit", day: "2-digit" };
  const isToday = dayOf(at, numeric) === dayOf(new Date(now()), numeric);
  return isToday ? clock(at) : `${dayOf(at, { day: "numeric", month: "short" })} ${clock(at)}`;
}

export const KINDS = {
  kiosk: () => t("Ticket kiosk"), display: () => t("Hall display"), counter: () => t("Counter unit"), console: () => t("Console program"), standby: () => t("Standby server"),
};
/** What people call a device: its name, or its id. */
export const nameOf = (device) => pick(device.name) || device.id;

const PRINTER = {
  ok: ["", () => t("Printer ready")], paper_low: ["amber", () => t("Little paper left")], paper_out: ["red", () => t("No paper")],
  cover_open: ["red", () => t("Printer is open")], offline: ["red", () => t("Printer does not answer")], error: ["red", () => t("Printer has a fault")],
};
/** What is to be seen of a device at a glance: [[colour, words]]. */
export function chips(device) {
  if (!device.online) return [[device.heard ? "red" : "grey", device.heard ? t("Not connected") : t("Never connected yet")]];
  const found = [["", t("Connected")]];
  if (device.printer) found.push([PRINTER[device.printer][0], PRINTER[device.printer][1]()]);
  if (device.sound === "none") found.push(["amber", t("Cannot be heard")]);
  if (device.sound === "ok") found.push(["", t("Can be heard")]);
  return found;
}
export function sinceWhen(device) {
  if (device.online && device.since) return t("since {time}", { time: moment(device.since) });
  if (device.seen_at) return t("since {time}", { time: moment(device.seen_at) });
  return "";
}

const CAME = {
  "identify done": () => t("It shows its name for 15 seconds."),
  "identify later": () => t("Somebody takes a ticket there. It shows its name right after that."),
  "restart done": () => t("It restarts now."),
  "restart later": () => t("Somebody is served there. It restarts as soon as nobody is."),
  "print printed": () => t("The test ticket is printed."),
  "print not_printed": () => t("Nothing was printed. Look at the printer, then try again."),
  "print unsure": () => t("The printer stopped in the middle. Look whether there is paper."),
};
const REFUSED = {
  not_there: () => t("It is not connected, so nothing was done. Look at its power and its network."),
  no_answer: () => t("It did not say what came of it. Please look there."),
  busy: () => t("Somebody was served there all the time, so nothing was done."),
  unknown: () => t("This device cannot do that."),
};

/** Gives an order and says what came of it; `button` waits meanwhile. */
export async function order(device, type, button, more = {}) {
  button.disabled = true;
  button.setAttribute("aria-busy", "true");
  try {
    const came = await api("POST", `/api/v1/devices/${encodeURIComponent(device.id)}/orders`, { type, ...more });
    toast(`${nameOf(device)}: ${CAME[`${type} ${came.code}`]?.() ?? came.message}`);
  } catch (error) {
    const words = CAME[`${type} ${error.code}`] ?? REFUSED[error.code];
    if (words) error.message = `${nameOf(device)}: ${words()}`;
    complain(error);
  } finally {
    button.disabled = isAway();
    button.removeAttribute("aria-busy");
  }
}

let made = 0;
/** A field with its label; `control` is made anew for it. */
export function field(label, control, hint) {
  const id = control.id || `d${++made}`;
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  const fault = el("p", { class: "fault", hidden: true });
  const parts = [el("label", { for: id, text: label }), control, fault, ...(hint ? [el("p", { class: "hint", id: `${id}-hint`, text: hint })] : [])];
  const box = el("div", { class: "field" }, ...parts);
  box.say = (words) => { fault.textContent = words; fault.hidden = !words; control.toggleAttribute("aria-invalid", Boolean(words)); if (words) control.setAttribute("aria-invalid", "true"); };
  return box;
}
export const choice = (options, chosen, more = {}) => {
  const node = el("select", more, ...options.map(([value, text]) => el("option", { value, text })));
  node.value = chosen;
  return node;
};
export const check = (label, is) => {
  const box = el("input", { type: "checkbox" });
  box.checked = is;
  const node = el("label", { class: "check" }, box, el("span", { text: label }));
  node.box = box;
  return node;
};

const PREFIX = { kiosk: "kiosk", display: "tv", counter: "pad", console: "console", standby: "standby" };
/** An id for a new device that none of `among` has. */
export const freeId = (kind, among) => { for (let n = 1; ; n++) { const id = `${PREFIX[kind]}-${n}`; if (!among.some((one) => one.id === id)) return id; } };
/** The letters that a kiosk can have: none, those that nobody has, and its own. */
export const letterChoices = (own, among = []) => [["", t("none")], ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ".split("").filter((letter) => letter === own || !(carried.letters.includes(letter) || among.some(({ value }) => value.issuer === letter))).map((letter) => [letter, letter])];

/** One text per language of the branch: a group with `get()`. */
export function texts(label, given, { hint, long = false, most = 200, onchange = () => {} } = {}) {
  const inputs = carried.languages.map(([code, own]) => {
    const id = `d${++made}`;
    const input = el(long ? "textarea" : "input", { id, maxlength: most, lang: code, dir: "auto", rows: long ? 2 : null, autocomplete: "off", oninput: onchange, "data-language": code });
    input.value = given?.[code] ?? "";
    return [code, input, el("label", { for: id, lang: code, text: own })];
  });
  const rows = inputs.flatMap(([, input, name]) => [name, input]);
  const group = el("fieldset", { class: "field" }, el("legend", { text: label }), ...(hint ? [el("p", { class: "hint", text: hint })] : []), el("div", { class: "device-texts" }, ...rows));
  group.get = () => {
    const kept = Object.fromEntries(Object.entries(given ?? {}).filter(([code]) => !carried.languages.some(([own]) => own === code)));
    for (const [code, input] of inputs) if (input.value.trim()) kept[code] = input.value.trim();
    return kept;
  };
  group.set = (value) => { for (const [code, input] of inputs) input.value = value?.[code] ?? ""; };
  return group;
}

/** The text of a language as devices choose it: its own, else English, else any. */
export const inLanguage = (given, code) => given[code] || given.en || Object.values(given).find(Boolean) || "";

/** Saves a thing of the setup: what the branch has now, or null, and then `note` says why. */
export async function save(path, value, version, note) {
  try {
    const saved = await api("PUT", `${path}?lang=${language}`, { value, version });
    toast(t("Saved."));
    note("");
    return saved;
  } catch (error) {
    const faults = (error.body?.fields ?? []).map(({ message }) => message);
    const isStale = error.code === "stale" && error.body?.current;
    note([error.message, ...faults, ...(isStale ? [t("What you typed is still here. Save again to keep yours.")] : [])].join(" "), isStale ? error.body.current.version : null);
    return null;
  }
}

/** A place above a form for what is wrong with it. */
export function noteBox() {
  const box = el("div", { class: "note red", role: "alert", hidden: true });
  box.say = (words) => { box.textContent = words; box.hidden = !words; if (words) box.scrollIntoView({ block: "nearest" }); };
  return box;
}
