// The middle column: who waits, who is parked, who is expected, and what needs a person.
import { el, number, pick, t, tn, toast } from "/static/base/base.js";
import { fill } from "/static/desk/rows.js";
import { counterName, origin, priorityName, serviceName } from "/static/desk/say.js";
import { at, expected, tick, timer, waitChip } from "/static/desk/times.js";
import { on, view } from "/static/desk/view.js";

const part = (name) => document.getElementById(name);

/** Those who wait, in the order in which this counter would call them. */
export function inOrder() {
  const rows = [...view.queue.waiting];
  const { routing, services, next } = view.desk || {};
  const place = (row) => { const known = services.indexOf(row.service); return known < 0 ? services.length : known; };
  if (routing === "strict") rows.sort((a, b) => place(a) - place(b) || a.rank - b.rank);
  const first = rows.findIndex((row) => row.ticket === next);
  if (first > 0) rows.unshift(...rows.splice(first, 1));
  return rows;
}

function drawWaiting() {
  const rows = inOrder(), total = Object.values(view.queue.counts).reduce((sum, count) => sum + count, 0);
  part("waiting-count").textContent = number(total);
  part("queue-count").textContent = tn("{count} waiting", "{count} waiting", total);
  fill(part("waiting"), rows, (row) => row.ticket, waitingRow, (row) => JSON.stringify([row, row.ticket === view.desk?.next, serviceName(row.service)]));
  part("waiting-empty").hidden = rows.length > 0;
  part("waiting-box").classList.toggle("nobody", rows.length === 0);
  const more = total - rows.length;
  part("waiting-more").hidden = more <= 0;
  part("waiting-more").textContent = tn("and {count} more", "and {count} more", more);
}

function waitingRow(row) {
  const isNext = row.ticket === view.desk?.next;
  const name = el("th", { scope: "row" }, opener(row));
  const service = el("td", { class: "what" }, serviceName(row.service));
  if (row.priority !== "normal") service.append(" ", el("span", { class: "chip grey row-priority", title: priorityName(row.priority), text: priorityName(row.priority) }));
  if (row.name || row.notes) service.append(el("span", { class: "quiet row-words", dir: "auto", text: [row.name, ...(row.notes || [])].filter(Boolean).join(" · ") }));
  return el("tr", { class: isNext ? "is-next" : "" },
    name, service, el("td", {}, waitChip(row.joined_at)),
    el("td", { class: "wide" }, isNext ? el("strong", { text: t("next") }) : expected(row.expected_at)),
    el("td", { class: "wide quiet from", text: origin(row) }),
    el("td", { class: "num" }, caller(row, "call-ticket", t("call"), t("Call {number}", row))));
}

/** A number that opens its ticket. */
export const opener = (row) => el("button", { type: "button", class: "opener figure", "data-do": "open-ticket", "data-ticket": row.ticket, "aria-label": t("Ticket {number}", row), text: row.number });
const caller = (row, act, text, label) => el("button", { type: "button", class: "plain caller", "data-do": act, "data-ticket": row.ticket, "aria-label": label }, text, el("span", { class: "onward", "aria-hidden": "true" }));

function drawParked() {
  const { parked, upcoming } = view.queue;
  part("parked-box").hidden = parked.length === 0;
  part("parked-count").textContent = number(parked.length);
  fill(part("parked"), parked, (row) => row.ticket, parkedRow, (row) => JSON.stringify([row, serviceName(row.service)]));
  part("upcoming-box").hidden = upcoming.length === 0;
  part("upcoming-count").textContent = number(upcoming.length);
  fill(part("upcoming"), upcoming, (row) => row.ticket, upcomingRow, (row) => JSON.stringify([row, serviceName(row.service)]));
}

function parkedRow(row) {
  const why = [row.reason, row.name].filter(Boolean).join(" · ");
  return el("li", {}, opener(row), el("span", { class: "row-service", text: serviceName(row.service) }),
    el("span", { class: "row-why quiet", dir: "auto", text: why || (row.counter ? counterName(row.counter) : "") }),
    el("span", { class: "quiet nowrap" }, row.parked_at ? timer(row.parked_at) : ""),
    caller(row, "unpark", t("call again"), t("Call {number} again", row)));
}

function upcomingRow(row) {
  return el("li", {}, opener(row), el("span", { class: "row-service", text: serviceName(row.service) }),
    el("span", { class: "row-why quiet", dir: "auto", text: row.name || "" }),
    el("span", { class: "nowrap figure", text: at(row.appointment) }),
    caller(row, "check-in", t("check in"), t("Check {number} in", row)));
}

let known = null;
/** What needs a person stays on the page; what is new is also said, because a small window shows no list. */
function drawAlerts() {
  const { alerts } = view.hall;
  fill(part("alerts"), alerts, (one) => one.alert, (one) => el("li", { class: "note amber", text: pick(one.text) }));
  for (const one of alerts) if (known && !known.has(one.alert)) toast(pick(one.text), { for_s: 10 });
  known = new Set(alerts.map((one) => one.alert));
}

/** Starts drawing the column. */
export function showLine() {
  on(["setup", "hall", "queue", "desk"], () => { drawWaiting(); drawParked(); tick(); });
  on(["setup", "hall"], drawAlerts);
}
