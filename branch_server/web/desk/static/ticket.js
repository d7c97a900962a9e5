// One ticket whole: where it stands, its story, why or why not yet, and what can be done with it. And finding one.
import { api, el, sure, t, tn } from "/static/base/base.js";
import { atCounter, atTicket, done, tried } from "/static/desk/acts.js";
import { addNote, changePriority } from "/static/desk/asking.js";
import { counterName, languageName, origin, priorityName, refusalText, serviceName, stateName, storyLine, storyTime, whyOf } from "/static/desk/say.js";
import { ending, field, sheet } from "/static/desk/sheet.js";
import { at, inMinutes, waitChip } from "/static/desk/times.js";
import { view } from "/static/desk/view.js";

/** Opens a ticket's sheet. `more` may add buttons: [label, act]. */
export async function openTicket(id, more = () => []) {
  const ticket = await tried(() => api("GET", `/api/v1/console/tickets/${id}`));
  if (!ticket) return;
  await sheet(t("Ticket {number}", ticket), (box, close) => {
    box.classList.add("wide-sheet");
    box.append(summary(ticket), ...places(ticket), story(ticket), ending(...buttons(ticket, close, more)).box);
  });
}

function summary(ticket) {
  const facts = [
    [t("State"), [stateName(ticket.status), ticket.counter && ["called", "serving"].includes(ticket.status) ? counterName(ticket.counter) : ""].filter(Boolean).join(" · ")],
    [t("Service"), serviceName(ticket.service)], [t("From"), origin(ticket)], [t("Joined"), at(ticket.joined_at)],
    [t("Priority"), priorityName(ticket.priority)],
    ticket.appointment && [t("Appointment"), at(ticket.appointment)], ticket.name && [t("Name"), ticket.name],
    ticket.phone && [t("Phone"), el("bdi", { class: "figure", text: ticket.phone })], ticket.language && [t("Language"), languageName(ticket.language)],
    ticket.waited_s !== undefined && [t("Waited"), inMinutes(Math.floor(ticket.waited_s / 60))], ticket.outcome && [t("Outcome"), ticket.outcome],
    ticket.status === "waiting" && ticket.rank !== null && [t("Waiting"), waitChip(ticket.joined_at)],
  ].filter(Boolean);
  return el("dl", { class: "facts" }, ...facts.map(([name, value]) => el("div", {}, el("dt", { text: name }), el("dd", {}, value))));
}

/** Why this ticket was called; or, while it waits, who goes before it. */
function places(ticket) {
  if (ticket.status === "waiting" && !ticket.appointment) return [ahead(ticket)];
  if (!ticket.why) return [];
  return [el("p", { class: "note" }, el("strong", { text: t("Why {number}?", ticket) }), " ", whyOf(ticket))];
}

function ahead(ticket) {
  const box = el("div", { class: "note" });
  if (!ticket.ahead) {
    box.append(t("It is the first in the queue of {service}.", { service: serviceName(ticket.service) }));
    return box;
  }
  const first = ticket.first.map((one) => one.number).join(", ");
  const rest = ticket.ahead > ticket.first.length ? " …" : "";
  box.append(el("strong", { text: tn("{count} ticket goes before it:", "{count} tickets go before it:", ticket.ahead) }), ` ${first}${rest}`);
  const later = ticket.first.filter((one) => one.joined_at > ticket.joined_at);
  for (const one of later) box.append(el("p", { text: t("{number} joined later, and its priority ({priority}) counts more.", { number: one.number, priority: priorityName(one.priority) }) }));
  return box;
}

function story(ticket) {
  const list = el("ol", { class: "story" });
  for (const line of ticket.story) list.append(el("li", {}, el("span", { class: "figure", text: storyTime(line) }), el("span", { dir: "auto", text: storyLine(line) }), el("span", { class: "quiet", text: line.by })));
  return ticket.story.length ? el("section", {}, el("h3", { text: t("Story") }), list) : el("p", { class: "quiet", text: t("What happened before is in the branch’s log.") });
}

function buttons(ticket, close, more) {
  const made = more(ticket, close).map(([label, act]) => el("button", { type: "button", text: label, onclick: act }));
  const add = (label, act, kind = "") => made.push(el("button", { type: "button", class: kind, text: label, onclick: () => { close(); act(); } }));
  const active = ["waiting", "called", "serving", "parked"].includes(ticket.status), sits = view.desk?.state === "open";
  if (ticket.status === "waiting") add(t("Cancel the ticket"), () => cancel(ticket));
  if (active) add(t("Priority"), () => changePriority(ticket));
  if (active) add(t("Note"), () => addNote(ticket));
  if (ticket.status === "waiting" && ticket.appointment) add(t("Check in"), () => checkIn(ticket), sits ? "" : "main");
  if (sits && ticket.status === "waiting") add(t("Call now"), () => atCounter("call-ticket", { ticket: ticket.ticket }), "main");
  if (sits && ticket.status === "parked") add(t("Call again"), () => atCounter("unpark", { ticket: ticket.ticket }), "main");
  return made;
}

async function cancel(ticket) {
  const yes = await sure(t("Cancel {number}?", ticket), t("The customer loses the place in the queue. This cannot be taken back."), t("Cancel the ticket"));
  if (yes && await tried(() => atTicket(ticket.ticket, "cancel", {}))) done(t("{number} is cancelled", ticket));
}

/** The customer of an appointment is here. */
export async function checkIn(ticket) {
  if (await tried(() => atTicket(ticket.ticket, "check-in", {}))) done(t("{number} is checked in", ticket));
}

/** Finds a ticket by number, phone or name, and opens it. */
export async function find(more) {
  const id = await sheet(t("Find a ticket"), (box, close) => {
    const { box: line, input } = field("find", t("Number, phone or name"), { kind: "search", maxlength: 64, autocomplete: "off", dir: "auto", first: true });
    const list = el("div", { class: "options found", "aria-live": "polite" });
    const form = el("form", {}, line);
    let asked = 0, first = null, waits;
    const look = async () => {
      const mine = ++asked;
      if (!input.value.trim()) { list.replaceChildren(); first = null; return; }
      try {
        const { tickets } = await api("GET", `/api/v1/console/find?q=${encodeURIComponent(input.value.trim())}`);
        if (mine !== asked) return;
        first = tickets[0]?.ticket ?? null;
        list.replaceChildren(...(tickets.length ? tickets.map((one) => result(one, close)) : [el("p", { class: "empty", text: t("No ticket of today fits. Check the number, or try the phone.") })]));
      } catch (error) {
        list.replaceChildren(el("p", { class: "fault", text: refusalText(error) }));
      }
    };
    input.addEventListener("input", () => { clearTimeout(waits); waits = setTimeout(look, 120); });
    form.onsubmit = async (event) => { event.preventDefault(); clearTimeout(waits); await look(); if (first) close(first); };
    box.append(form, list);
  });
  if (id) await openTicket(id, more);
}

function result(one, close) {
  const words = [stateName(one.status), serviceName(one.service), at(one.joined_at), one.name].filter(Boolean).join(" · ");
  return el("button", { type: "button", class: "option", onclick: () => close(one.ticket) },
    el("span", { class: "option-words" }, el("strong", { class: "figure", text: one.number }), el("span", { class: "quiet", dir: "auto", text: words })));
}
