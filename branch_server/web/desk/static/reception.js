// The reception: gives tickets, prints them or shows their code, checks appointments in, announces.
import { api, el, number, pick, t, tn, toast } from "/static/base/base.js";
import { done, join, once, say } from "/static/desk/acts.js";
import { announce } from "/static/desk/announcing.js";
import { customerFields, customerOf, faultOf } from "/static/desk/asking.js";
import { fill } from "/static/desk/rows.js";
import { languageName, refusalText, serviceName, troubleName } from "/static/desk/say.js";
import { sheet } from "/static/desk/sheet.js";
import { checkIn, find, openTicket } from "/static/desk/ticket.js";
import { at, inMinutes } from "/static/desk/times.js";
import { about, device, myServices, on, view, watch } from "/static/desk/view.js";

const part = (name) => document.getElementById(name);
const KEPT = "foleni-printer";
const same = once(), printed = new Set(), printing = new Set();
let fields = null, when = null, sending = false;

function drawServices() {
  const chosen = part("give").querySelector("input[name=service]:checked")?.value;
  fill(part("services"), myServices(), (one) => one.id, tile, (one) => JSON.stringify([one, stateOf(one.id)]));
  const inputs = [...part("services").querySelectorAll("input")];
  const kept = inputs.find((input) => input.value === chosen);
  if (kept) kept.checked = true;
}
const stateOf = (id) => view.hall.services.find((one) => one.id === id) || { state: "closed", waiting: 0 };

function tile(one) {
  const now = stateOf(one.id), shut = now.state !== "open" || now.full, index = myServices().findIndex((other) => other.id === one.id);
  const input = el("input", { type: "radio", name: "service", value: one.id, class: "only-heard", "data-index": index });
  const words = now.full ? t("no tickets left today") : { open: tn("{count} waiting", "{count} waiting", now.waiting), paused: t("paused"), closed: t("closed") }[now.state];
  const again = shut && now.reopens_at ? " · " + t("opens at {time}", { time: at(now.reopens_at) }) : "";
  const name = el("span", { class: "tile-name" }, el("span", { text: pick(one.name) }), el("span", { class: "figure", text: one.prefix }));
  const line = el("span", { class: "row spread" }, el("span", { class: shut ? "chip red" : "quiet", text: words + again }));
  if (index < 9) line.append(el("kbd", { "aria-hidden": "true", text: String(index + 1) }));
  return el("label", { class: shut ? "tile shut" : "tile" }, input, name, line);
}

function drawCustomer() {
  if (fields) return;
  fields = customerFields(view.setup.branch.languages, languageName);
  const label = t("Appointment at");
  when = el("input", { type: "time", id: "s-appointment", name: "appointment" });
  part("customer").replaceChildren(fields.priority.box, fields.language.box, fields.name.box, fields.phone.box,
    el("div", { class: "field" }, el("label", { for: when.id, text: label }), when));
}

function drawPrinters() {
  const kiosks = view.hall.devices.filter((one) => one.kind === "kiosk"), select = part("printer");
  const kept = select.value || stored();
  select.replaceChildren(...kiosks.map((one) => el("option", { value: one.id, text: printerName(one) })));
  select.value = kiosks.some((one) => one.id === kept) ? kept : (kiosks.find((one) => one.online) || kiosks[0])?.id || "";
  select.disabled = !kiosks.length;
  part("printer-hint").textContent = kiosks.length ? t("Tickets come out of this kiosk.") : t("There is no kiosk. Show the customer the code instead.");
}
const printerName = (one) => [pick(device(one.id)?.name) || one.id, one.trouble && troubleName(one.trouble)].filter(Boolean).join(" · ");
function stored() { try { return localStorage.getItem(KEPT); } catch { return null; } }

function drawUpcoming() {
  const { upcoming } = view.queue;
  part("upcoming-count").textContent = number(upcoming.length);
  part("upcoming").hidden = upcoming.length === 0;
  part("upcoming-empty").hidden = upcoming.length > 0;
  fill(part("upcoming"), upcoming, (row) => row.ticket, (row) => el("li", {},
    el("button", { type: "button", class: "opener figure", text: row.number, onclick: () => openFound(row.ticket), "aria-label": t("Ticket {number}", row) }),
    el("span", { class: "row-service", text: serviceName(row.service) }),
    el("span", { class: "row-why quiet", dir: "auto", text: row.name || "" }),
    el("span", { class: "nowrap figure", text: at(row.appointment) }),
    el("button", { type: "button", class: "plain caller", text: t("check in"), "aria-label": t("Check {number} in", row), onclick: () => checkIn(row) })));
}

/** The instant of a time of day of today in the branch; null where none is given. */
function instantOf(time) {
  if (!time) return null;
  const [hours, minutes] = time.split(":").map(Number), zone = view.setup.branch.time_zone;
  const parts = new Intl.DateTimeFormat("en-CA-u-nu-latn", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date());
  const guess = new Date(`${parts}T${time}:00Z`);
  const shown = new Intl.DateTimeFormat("en-GB-u-nu-latn", { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(guess).split(":").map(Number);
  let off = (shown[0] * 60 + shown[1]) - (hours * 60 + minutes);
  if (off > 720) off -= 1440;
  if (off < -720) off += 1440;
  return new Date(guess.getTime() - off * 60000).toISOString();
}

async function give(event) {
  event?.preventDefault();
  if (sending || !fields) return;
  const service = part("give").querySelector("input[name=service]:checked")?.value;
  const told = { service, ...customerOf(fields) }, appointment = instantOf(when.value);
  if (appointment) Object.assign(told, { channel: "appointment", appointment });
  const fault = service ? faultOf(told) : t("Choose a service.");
  complain(fault);
  if (fault) return;
  sending = true;
  part("give-now").classList.add("working");
  try {
    const { result } = await join(told, same.id);
    same.done();
    cleared();
    await show(result, { appointment });
    if (part("prints").checked) await print(result);
  } catch (error) {
    complain(refusalText(error));
    if (error.status) same.done();
  } finally {
    sending = false;
    part("give-now").classList.remove("working");
  }
}
function complain(text) {
  part("give-fault").textContent = text;
  part("give-fault").hidden = !text;
}
function cleared() {
  for (const one of [fields.name.input, fields.phone.input, when]) one.value = "";
  fields.priority.input.value = "normal";
  fields.language.input.value = "";
  for (const input of part("services").querySelectorAll("input")) input.checked = false;
}

/** Shows a ticket with the code of its own page. */
async function show(result, { appointment } = {}) {
  const box = part("given");
  const ahead = appointment ? t("Expected at {time}", { time: at(appointment) }) : result.ahead ? tn("{count} person is ahead", "{count} people are ahead", result.ahead) : t("Next in the queue");
  const wait = !appointment && result.wait_p50_s >= 60 ? " · " + t("about {minutes}", { minutes: inMinutes(Math.round(result.wait_p50_s / 60)) }) : "";
  const code = el("div", { class: "qr" });
  box.replaceChildren(
    el("p", { class: "quiet", text: serviceName(result.service) }), el("p", { class: "given-number figure", text: result.number }),
    el("p", { text: ahead + wait }), code,
    el("div", { class: "row" },
      el("button", { type: "button", class: "main", text: t("Print"), onclick: () => print(result) }),
      el("button", { type: "button", text: t("Large code"), onclick: () => largeCode(result) })));
  await draw(code, result);
}

async function draw(box, { ticket, number: name }) {
  const told = await api("GET", `/api/v1/console/tickets/${ticket}/qr`).catch(() => null);
  if (!told) { box.remove(); return; }
  box.innerHTML = told.svg;
  const svg = box.querySelector("svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", t("The code of {number}’s page", { number: name }));
}

const largeCode = (result) => sheet(t("Ticket {number}", result), (box) => {
  const code = el("div", { class: "qr qr-large" });
  box.append(el("p", { text: t("Point a phone’s camera at it: the ticket opens, and says when it is called.") }), code);
  draw(code, result);
});

async function print({ ticket, number: name }, copy = printed.has(ticket)) {
  const printer = part("printer").value;
  if (!printer) { toast(t("There is no kiosk. Show the customer the code instead."), { kind: "trouble" }); return; }
  if (printing.has(ticket)) return;
  printing.add(ticket);
  const waiting = toast(t("{number} is being printed…", { number: name }), { for_s: 12 });
  try {
    // A printer takes longer to answer than the queue.
    await api("POST", "/api/v1/console/print", { ticket, device: printer, copy }, { signal: AbortSignal.timeout(20000) });
    printed.add(ticket);
    done(t("{number} is printed", { number: name }));
  } catch (error) {
    say(error);
  } finally {
    printing.delete(ticket);
    waiting.remove();
  }
}

const found = (ticket, close) => (["waiting", "parked", "called", "serving"].includes(ticket.status)
  ? [[t("Show the code"), () => { close(); largeCode(ticket); }], [t("Print again"), () => { close(); print(ticket, true); }]] : []);
const openFound = (ticket) => openTicket(ticket, found);

part("give").addEventListener("submit", give);
part("find").onclick = () => find(found);
part("announce").hidden = !about.me.announces;
part("announce").onclick = () => announce();
part("printer").onchange = (event) => { try { localStorage.setItem(KEPT, event.target.value); } catch { /* it lasts as long as the page */ } };
document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.target.matches("input:not([type=checkbox], [type=radio]), textarea, select")) return;
  if (["f", "/"].includes(event.key.toLowerCase())) { event.preventDefault(); find(found); }
  const input = /^[1-9]$/.test(event.key) && part("services").querySelector(`[data-index="${Number(event.key) - 1}"]`);
  if (input) { event.preventDefault(); input.checked = true; input.focus(); }
  if (event.key === "Enter" && !event.target.matches("button, a")) { event.preventDefault(); give(); }
});

part("given").append(el("p", { class: "empty" }, el("strong", { text: t("The last ticket") }), t("Its number and its code appear here, to print or to show.")));
on(["setup", "hall"], () => { drawServices(); drawCustomer(); drawPrinters(); part("quiet").hidden = view.hall.live; });
on(["setup", "hall", "queue"], drawUpcoming);
view.counter = null;
view.whole = true;
watch();
