// What every page for staff needs: words, asking the cloud in the name of whoever is signed in, live pictures, messages.

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
  const known = WORDS.texts[one], all = { count, ...values };
  if (!Array.isArray(known)) return filled(count === 1 ? one : many, all);
  const form = WORDS.forms.indexOf(plural.select(count));
  return filled(known[form >= 0 && form < known.length ? form : known.length - 1] || known[0], all);
}

/** What the cloud refused, or why it could not be asked. `code` is stable; `message` is for people. */
export class Refusal extends Error {
  constructor(code, message, status) { super(message); Object.assign(this, { code, status }); }
}

let access = embedded("session")?.access || "";
let renewing = null;

/** Asks without a name: the body of the answer, or a `Refusal`. */
export async function raw(method, path, body, headers = {}) {
  const told = { Accept: "application/json", ...headers };
  if (body !== undefined) told["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(path, { method, headers: told, credentials: "same-origin", body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Refusal("away", t("The cloud does not answer. Nothing is lost; please try again."), 0);
  }
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  const refusal = said.error || { code: "unavailable", message: t("This could not be done. Please try again.") };
  throw new Refusal(refusal.code, refusal.message, answer.status);
}

/** A new access token, by the cookie that no script can read; one request for all who wait for it. */
function renew() {
  renewing ||= raw("POST", "/api/v1/auth/refresh").then((said) => { access = said.access_token; }).finally(() => { renewing = null; });
  return renewing;
}

/** Asks the cloud in the name of whoever is signed in: the body of its answer, or a `Refusal`. */
export async function api(method, path, body, headers = {}) {
  const ask = () => raw(method, path, body, { ...headers, Authorization: `Bearer ${access}` });
  try {
    if (!access) await renew();
    return await ask();
  } catch (error) {
    if (error.status !== 401) throw error;
    try { await renew(); } catch (refusal) {
      if (refusal.status === 401) location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
      throw refusal;
    }
    return ask();
  }
}

/** Follows a live picture; `on` maps an event's name to what is called with its picture. Comes back by itself. */
export function follow(url, on) {
  let source, last = Date.now(), wait = 500, again;
  const heard = () => { last = Date.now(); wait = 500; reachable(true); };
  const later = () => { clearTimeout(again); again = setTimeout(open, wait); wait = Math.min(wait * 1.7, 8000); };
  function open() {
    source?.close();
    last = Date.now();
    source = new EventSource(url);
    source.onopen = heard;
    source.addEventListener("beat", heard);
    for (const [name, call] of Object.entries(on)) source.addEventListener(name, (event) => { heard(); call(JSON.parse(event.data)); });
    source.onerror = () => { source.close(); reachable(false); later(); };
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden && source.readyState === EventSource.CLOSED) open(); });
  setInterval(() => { if (!document.hidden && Date.now() - last > 40000) { reachable(false); open(); } }, 5000);
  open();
}

let away = false;
/** Whether the cloud answers; the band at the top says so. */
export function reachable(is) {
  if (is !== away) return;
  away = !is;
  const band = document.getElementById("trouble");
  band.hidden = is;
  band.textContent = is ? "" : t("The cloud does not answer. This page shows what was true before, and comes back by itself.");
}

/** A short message at the bottom. */
export function toast(text, kind = "calm") {
  const box = el("div", { class: `toast ${kind}`, text });
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), kind === "calm" ? 6000 : 10000);
}
/** Says a refusal. */
export const complain = (error) => toast(error.message, "trouble");

/** A new element: `text`, `on…` and attributes. */
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

/** Asks before something that cannot be taken back: resolves true or false. */
export function sure(title, what, yes) {
  return new Promise((resolve) => {
    const box = el("dialog", { "aria-labelledby": "sure-title" }, el("h2", { id: "sure-title", text: title }), el("p", { text: what }));
    const done = (is) => { box.close(); box.remove(); resolve(is); };
    const no = el("button", { type: "button", text: t("Cancel"), onclick: () => done(false) });
    box.append(el("div", { class: "row end" }, no, el("button", { type: "button", class: "danger", text: yes, onclick: () => done(true) })));
    box.oncancel = (event) => { event.preventDefault(); done(false); };
    document.body.append(box);
    box.showModal();
    no.focus();
  });
}

/** Runs `work` while its button rests, and says what went wrong. Resolves with what `work` gave, or undefined. */
export async function busy(button, work) {
  button.disabled = true;
  try { return await work(); } catch (error) { complain(error); return undefined; } finally { button.disabled = false; }
}

document.addEventListener("click", async (event) => {
  if (event.target.closest?.("[data-act=sign-out]")) {
    await raw("POST", "/api/v1/auth/sign-out").catch(() => {});
    location.assign("/sign-in");
  }
});
for (const here of document.querySelectorAll(".bar-places [aria-current]")) here.scrollIntoView({ block: "nearest", inline: "center" });
