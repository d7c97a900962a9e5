// What every console page needs: words, asking the branch, live pictures, messages, keys. No page works around it.

const embedded = (id) => JSON.parse(document.getElementById(id)?.textContent || "null");
const WORDS = embedded("words") || { language: "en", forms: ["one", "other"], texts: {} };
const plural = new Intl.PluralRules(WORDS.language);

/** The JSON that the page carries in `<script id=… type="application/json">`. */
export const data = embedded;
export const language = document.documentElement.lang || "en";

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

/** The translation of `text`, with `values` in its `{fields}`. */
export function t(text, values = {}) {
  const known = WORDS.texts[text];
  return filled(typeof known === "string" ? known : Array.isArray(known) ? known[0] : text, values);
}

/** The form of the words that the language uses with `count`, which is also the value of `{count}`. */
export function tn(one, many, count, values = {}) {
  const known = WORDS.texts[one];
  const all = { count: number(count), ...values };
  if (!Array.isArray(known)) return filled(count === 1 ? one : many, all);
  const form = WORDS.forms.indexOf(plural.select(count));
  return filled(known[form >= 0 && form < known.length ? form : known.length - 1] || known[0], all);
}

/** One of a setup's texts: in the page's language, else in any. */
export function pick(texts) {
  if (!texts) return "";
  return texts[language] || texts.en || Object.values(texts).find(Boolean) || "";
}

/** A number as this page's readers write it, with Latin digits: they stand beside ticket numbers. */
export const number = (value, digits = 0) =>
  new Intl.NumberFormat(`${language}-u-nu-latn`, { maximumFractionDigits: digits }).format(value);

let zone = document.documentElement.dataset.zone;
/** The branch's time zone has changed since the page was made. */
export const setZone = (name) => { zone = name; };
/** The time of day in the branch, such as 14:05. */
export const clock = (when) =>
  new Intl.DateTimeFormat(`${language}-u-nu-latn`, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone }).format(new Date(when));

let ahead_ms = 0;
/** Milliseconds by the branch server's clock: this machine's may be wrong. */
export const now = () => Date.now() + ahead_ms;
/** A server's time has just come in. */
export const setNow = (wire) => { const at = Date.parse(wire); if (at) ahead_ms = at - Date.now(); };
/** Whole minutes since a time of the server. */
export const minutesSince = (when) => Math.max(0, Math.floor((now() - Date.parse(when)) / 60000));
/** `4:10` of 250 seconds, `1:02:03` of 3723. */
export function span(seconds) {
  const s = Math.max(0, Math.floor(seconds)), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
  const two = (n) => String(n).padStart(2, "0");
  return h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
}

/** A new UUID (version 7): the id of a command. The same id asked twice is done once. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let ms = Date.now();
  for (let i = 5; i >= 0; i--) { bytes[i] = ms % 256; ms = Math.floor(ms / 256); }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** What the branch refused, or why it could not be asked. `code` is stable; `message` is for people. */
export class Refusal extends Error {
  constructor(code, message, status, body) { super(message); Object.assign(this, { code, status, body }); }
}

const csrf = () => document.cookie.split("; ").find((c) => c.startsWith("foleni_csrf="))?.slice(12) || "";

/** Asks the branch: the body of its answer, or a `Refusal`. `id` makes a repeated POST harmless. */
export async function api(method, path, body, { id, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") { headers["X-CSRF-Token"] = csrf(); headers["Idempotency-Key"] = id || newId(); }
  let answer;
  try {
    answer = await fetch(path, { method, headers, signal, body: body === undefined ? undefined : JSON.stringify(body), credentials: "same-origin" });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refusal("away", t("The branch server does not answer. Nothing is lost; please try again."), 0);
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  if (answer.status === 401 && !path.includes("/session")) dispatchEvent(new CustomEvent("foleni-signed-out"));
  const refusal = told.error || { code: "unavailable", message: t("This could not be done. Please try again.") };
  throw new Refusal(refusal.code, refusal.message, answer.status, told);
}

/** Follows live pictures: `on` maps an event's name to what is called with its picture. Comes back by itself. */
export function follow(url, on) {
  let source, waiting, last = Date.now(), wait = 500, over = false;
  const heard = () => { last = Date.now(); wait = 500; reachable(true); };
  const open = () => {
    source?.close();
    source = new EventSource(url, { withCredentials: true });
    for (const [name, call] of Object.entries(on)) {
      source.addEventListener(name, (event) => { heard(); call(JSON.parse(event.data)); });
    }
    source.addEventListener("beat", heard);
    source.addEventListener("over", () => { over = true; source.close(); dispatchEvent(new CustomEvent("foleni-signed-out")); });
    source.onopen = heard;
    source.onerror = () => { source.close(); reachable(false); again(); };
  };
  const again = () => {
    if (over) return;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      // A stream cannot tell why it was refused; a plain question can.
      const answer = await fetch("/api/v1/session", { credentials: "same-origin" }).catch(() => null);
      if (over) return;
      if (answer?.status === 401) { dispatchEvent(new CustomEvent("foleni-signed-out")); return; }
      open();
    }, wait);
    wait = Math.min(wait * 1.7, 5000);
  };
  // A browser opens six connections to one server: pages that nobody sees give theirs back after a while.
  let hiding;
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (over) return;
    if (document.hidden) hiding = setTimeout(() => source.close(), 30000);
    else if (source.readyState === EventSource.CLOSED) { last = Date.now(); open(); }
  });
  const listening = setInterval(() => { if (!over && !document.hidden && Date.now() - last > 25000) { last = Date.now(); source.close(); reachable(false); again(); } }, 5000);
  open();
  return { close() { over = true; source.close(); clearTimeout(waiting); clearInterval(listening); } };
}

let away = null;
/** Whether the branch answers: the band at the top says it, and what was typed stays where it is. */
export function reachable(is) {
  const band = document.getElementById("trouble");
  if (is === (away === null)) return;
  away = is ? null : new Date();
  document.documentElement.classList.toggle("away", !is);
  if (!band) return;
  band.hidden = is;
  band.textContent = is ? "" : t("The branch server is away since {time}. This page comes back by itself; nothing you typed is lost.", { time: clock(away) });
  dispatchEvent(new CustomEvent("foleni-reach", { detail: { live: is } }));
}
export const isAway = () => away !== null;

const LONGEST_PRESS_MS = 30000;
const waitingDraws = new Set();
let pressedAt = -Infinity;
addEventListener("pointerdown", (event) => { if (event.button === 0) pressedAt = performance.now(); }, true);
for (const end of ["pointerup", "pointercancel", "contextmenu"]) addEventListener(end, () => setTimeout(() => {
  pressedAt = -Infinity;
  for (const draw of [...waitingDraws]) { waitingDraws.delete(draw); draw(); }
}), true);
/** Draws now; or, while a finger or the mouse is down, when it is up: what is drawn anew under a press would not hear it. */
export function whenFree(draw) {
  if (performance.now() - pressedAt < LONGEST_PRESS_MS) waitingDraws.add(draw);
  else draw();
}

/** A short message at the bottom; `act` is `{label, run}` for something that can be done about it. */
export function toast(text, { kind = "calm", act, for_s = 6 } = {}) {
  const box = document.createElement("div");
  box.className = `toast ${kind}`;
  const words = document.createElement("span");
  words.textContent = text;
  box.append(words);
  if (act) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = act.label;
    button.onclick = () => { box.remove(); act.run(); };
    box.append(button);
  }
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), for_s * 1000);
  return box;
}
/** Says a refusal. */
export const complain = (error) => toast(error.message, { kind: "trouble", for_s: 10 });

/** Asks before something dangerous: resolves true or false. `what` says what will happen. */
export function sure(title, what, yes, { danger = true } = {}) {
  return new Promise((resolve) => {
    const box = document.createElement("dialog");
    box.className = "sheet";
    box.setAttribute("aria-labelledby", "sure-title");
    box.append(el("h2", { id: "sure-title", text: title }), el("p", { text: what }));
    const row = el("div", { class: "row end" });
    const no = el("button", { type: "button", text: t("Cancel") });
    const ok = el("button", { type: "button", class: danger ? "danger" : "main", text: yes });
    const done = (is) => { box.close(); box.remove(); resolve(is); };
    no.onclick = () => done(false);
    ok.onclick = () => done(true);
    box.oncancel = (event) => { event.preventDefault(); done(false); };
    row.append(no, ok);
    box.append(row);
    document.body.append(box);
    box.showModal();
    no.focus();
  });
}

/** A new element: `text`, `class`, `on…` and attributes. */
export function el(tag, { text, ...rest } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : value);
  }
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

addEventListener("foleni-signed-out", () => {
  if (!location.pathname.startsWith("/sign-in")) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
});

document.addEventListener("click", async (event) => {
  const act = event.target.closest?.("[data-act]")?.dataset.act;
  if (act === "sign-out") {
    await api("DELETE", "/api/v1/session").catch(() => {});
    location.assign("/sign-in");
  }
  if (act === "theme") {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    try { localStorage.setItem("foleni-theme", root.dataset.theme); } catch { /* it lasts as long as the page */ }
  }
});

// Where a menu is wider than the window, the page that is shown is not out of sight in it.
for (const here of document.querySelectorAll(".admin-menu [aria-current], .bar-places [aria-current]")) here.scrollIntoView({ block: "nearest", inline: "center" });
