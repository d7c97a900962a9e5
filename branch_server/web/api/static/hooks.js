// Webhooks: the list, the form, the secret that is shown once, and the log of deliveries.
import { api, clock, complain, el, language, now, number, setZone, sure, t, tn, toast, whenFree } from "/static/base/base.js";

const BASE = "/api/v1/hooks";
const LOOK_MS = 3000;
const $ = (id) => document.getElementById(id);
const open = new Set();
let shown = "", asked = 0;

const FAULTS = {
  no_connection: () => t("no connection"),
  no_answer: () => t("no answer in 10 s"),
  not_secure: () => t("the certificate is not trusted"),
  forbidden: () => t("this address is not allowed"),
  too_many: () => t("too many were waiting"),
};
const STATES = {
  waiting: () => [t("waiting"), "amber"],
  delivered: () => [t("delivered"), ""],
  given_up: () => [t("given up"), "red"],
  dropped: () => [t("dropped"), "red"],
};

const zone = $("hooks").dataset.zone;
setZone(zone);
const day = new Intl.DateTimeFormat(`${language}-u-nu-latn`, { day: "numeric", month: "short", timeZone: zone });
/** The time of day in the branch; with the date where that is not today's. */
const when = (wire) => (day.format(new Date(wire)) === day.format(new Date(now())) ? clock(wire) : `${day.format(new Date(wire))}, ${clock(wire)}`);

function chipOf(hook) {
  if (!hook.active) return hook.switched_off ? [t("Switched off"), "red"] : [t("Off"), "grey"];
  return hook.failing_since ? [t("Failing"), "amber"] : [t("Active"), ""];
}

function troubleOf(hook) {
  if (hook.switched_off) return ["red", t("It failed for five days, so it is sent nothing more. Change it, or make it active again.")];
  if (hook.failing_since) return ["amber", t("Nothing has arrived since {time}. It is tried again by itself.", { time: when(hook.failing_since) })];
  return null;
}

function cardOf(hook, log) {
  const [state, kind] = chipOf(hook), trouble = troubleOf(hook), is_open = open.has(hook.id);
  const card = el("section", { class: "card hook", "aria-label": hook.url });
  const top = el("div", { class: "hook-top" });
  top.append(el("span", { class: "hook-url", text: hook.url }), el("span", { class: `chip ${kind}`, text: state }));
  const events = el("p", { class: "quiet" });
  if (hook.events.length) hook.events.forEach((type, i) => events.append(i ? " · " : "", el("code", { dir: "ltr", text: type })));
  else events.append(t("All events"));
  if (hook.waiting) events.append(" · ", tn("{count} delivery waits", "{count} deliveries wait", hook.waiting));
  card.append(top, events);
  if (trouble) card.append(el("p", { class: `note ${trouble[0]}`, text: trouble[1] }));
  const row = el("div", { class: "row" });
  const act = (name, text, run, more = {}) => row.append(el("button", { type: "button", text, "data-do": name, "data-hook": hook.id, onclick: run, ...more }));
  if (hook.active) act("test", t("Send a test"), () => test(hook));
  act("log", is_open ? t("Hide the log") : t("Show the log"), () => toggle(hook), { "aria-expanded": String(is_open) });
  act("change", t("Change"), () => edit(hook));
  act("secret", t("New secret"), () => renew(hook));
  act("remove", t("Remove"), () => remove(hook));
  card.append(row);
  if (is_open) card.append(logOf(hook, log || []));
  return card;
}

function logOf(hook, deliveries) {
  const box = el("div", { class: "hook-log scroll", tabindex: "0", role: "region", "aria-label": t("Log of deliveries") });
  if (!deliveries.length) {
    box.append(el("p", { class: "empty", text: t("Nothing was sent yet.") }));
    return box;
  }
  const table = el("table"), head = el("tr"), body = el("tbody");
  for (const title of [t("Event"), t("When"), t("State"), t("Answer"), t("Attempts"), t("Next try")]) head.append(el("th", { scope: "col", text: title }));
  head.append(el("th", { scope: "col" }, el("span", { class: "only-heard", text: t("Action") })));
  for (const one of deliveries) body.append(lineOf(hook, one));
  table.append(el("thead", {}, head), body);
  box.append(table);
  return box;
}

function lineOf(hook, one) {
  const [state, kind] = STATES[one.state]();
  const answer = one.fault && FAULTS[one.fault] ? FAULTS[one.fault]() : one.status ? `HTTP ${one.status}` : "–";
  const line = el("tr");
  const cell = (...children) => line.append(el("td", {}, ...children));
  cell(el("code", { dir: "ltr", text: one.type }), one.payload.number ? ` ${one.payload.number}` : "");
  cell(when(one.made_at));
  cell(el("span", { class: `chip ${kind}`, text: state }));
  cell(answer);
  cell(number(one.attempts));
  cell(one.next_at && one.attempts ? when(one.next_at) : "–");
  const again = el("button", { type: "button", class: "plain", text: t("Send again"), "data-do": "again", "data-hook": hook.id, "data-delivery": one.delivery });
  again.onclick = () => quietly(() => api("POST", `${BASE}/${hook.id}/deliveries/${one.delivery}/again`));
  cell(hook.active ? again : "");
  return line;
}

/** Draws all of it where something has changed; the keyboard stays where it was. */
async function draw() {
  const mine = ++asked;
  const { hooks } = await api("GET", BASE);
  const logs = {};
  for (const hook of hooks.filter((one) => open.has(one.id))) {
    logs[hook.id] = (await api("GET", `${BASE}/${hook.id}/deliveries`)).deliveries;
  }
  const picture = JSON.stringify([hooks, logs, [...open]]);
  if (mine !== asked || picture === shown) return;
  whenFree(() => show(hooks, logs, picture));
}

function show(hooks, logs, picture) {
  shown = picture;
  const held = document.activeElement?.dataset || {};
  const cards = hooks.map((hook) => cardOf(hook, logs[hook.id]));
  $("hooks").replaceChildren(...(cards.length ? cards : [emptied()]));
  $("hooks").removeAttribute("aria-busy");
  if (held.do) [...document.querySelectorAll("[data-do]")].find((b) => b.dataset.do === held.do && b.dataset.hook === held.hook && b.dataset.delivery === held.delivery)?.focus();
}

const emptied = () => el("div", { class: "card empty" }, el("strong", { text: t("No webhooks yet") }), t("A webhook tells another program, such as a statistics server or a chat room, what happens here."));

async function quietly(run) {
  try { await run(); await draw(); } catch (error) { complain(error); }
}

const test = (hook) => quietly(async () => {
  open.add(hook.id);
  await api("POST", `${BASE}/${hook.id}/test`);
  toast(t("A test is on its way; the log shows what came of it."));
});

const toggle = (hook) => quietly(async () => { if (!open.delete(hook.id)) open.add(hook.id); });

async function renew(hook) {
  if (!(await sure(t("Make a new secret?"), t("The old one stops to count at once. Until your program knows the new one, it will not trust what is sent."), t("New secret")))) return;
  quietly(async () => reveal((await api("POST", `${BASE}/${hook.id}/secret`)).secret));
}

async function remove(hook) {
  const waits = hook.waiting ? ` ${tn("{count} delivery waits", "{count} deliveries wait", hook.waiting)}.` : "";
  const what = t("Nothing more is sent to {url}, and its log is deleted.", { url: hook.url });
  if (!(await sure(t("Remove this webhook?"), what + waits, t("Remove")))) return;
  quietly(() => api("DELETE", `${BASE}/${hook.id}`));
}

function reveal(secret) {
  $("secret").textContent = secret;
  $("secret-box").showModal();
  $("secret").focus();
}

let edited = null;
const types = () => [...document.querySelectorAll("#hook-types input")];

function edit(hook) {
  edited = hook;
  $("hook-title").textContent = hook ? t("Change the webhook") : t("New webhook");
  $("hook-url").value = hook ? hook.url : "";
  $("hook-active").checked = hook ? hook.active : true;
  $("hook-all").checked = !hook || !hook.events.length;
  for (const box of types()) box.checked = Boolean(hook && hook.events.includes(box.value));
  fault("");
  $("hook-none").hidden = true;
  allOrSome();
  $("hook-form").showModal();
  $("hook-url").focus();
}

function allOrSome() { $("hook-types").hidden = $("hook-all").checked; }

function fault(text) {
  $("hook-fault").textContent = text;
  $("hook-fault").hidden = !text;
  $("hook-url").setAttribute("aria-invalid", String(Boolean(text)));
}

async function save(event) {
  event.preventDefault();
  fault("");
  const chosen = $("hook-all").checked ? [] : types().filter((box) => box.checked).map((box) => box.value);
  $("hook-none").hidden = $("hook-all").checked || chosen.length > 0;
  if (!$("hook-none").hidden) return;
  const body = { url: $("hook-url").value.trim(), events: chosen, active: $("hook-active").checked };
  $("hook-save").disabled = true;
  try {
    const told = await api(edited ? "PUT" : "POST", edited ? `${BASE}/${edited.id}` : BASE, body);
    $("hook-form").close();
    await draw();
    if (told.secret) reveal(told.secret);
  } catch (error) {
    if (error.status === 422) { fault(t("This address cannot be used: give one such as https://example.org/foleni.")); $("hook-url").focus(); } else complain(error);
  } finally {
    $("hook-save").disabled = false;
  }
}

$("new-hook").onclick = () => edit(null);
$("hook-all").onchange = allOrSome;
$("hook-cancel").onclick = () => $("hook-form").close();
$("hook-form").querySelector("form").addEventListener("submit", save);
$("secret-done").onclick = () => { $("secret").textContent = ""; $("secret-box").close(); };
$("secret-copy").onclick = async () => {
  try { await navigator.clipboard.writeText($("secret").textContent); toast(t("Copied.")); } catch { getSelection().selectAllChildren($("secret")); toast(t("It is marked: copy it with the keyboard.")); }
};
const look = async () => {
  try { if (!document.hidden) await draw(); } catch { /* the band at the top says that the server is away */ }
  setTimeout(look, LOOK_MS);
};
look();
