// The console's sentences: where a ticket comes from, what happened to it, why it was called, why something was refused.
import { clock, language, number, pick, span, t, tn } from "/static/base/base.js";
import { counter, device, person, priority, service } from "/static/desk/view.js";

export const serviceName = (id) => pick(service(id).name);
export const priorityName = (id) => pick(priority(id).name);
export const counterName = (id) => t("Counter {label}", { label: counter(id).label });

const CHANNELS = {
  kiosk: () => t("kiosk"), staff: () => t("reception"), app: () => t("app"), ussd: () => t("USSD"),
  appointment: () => t("appointment"), api: () => t("online"),
};
/** Where a ticket was made: the kiosk's own name where it is known. */
export function origin(row) {
  const known = row.channel === "kiosk" ? device(row.device) : null;
  if (known) return pick(known.name) || row.device;
  return (CHANNELS[row.channel] || (() => row.channel))();
}

/** `Français` for `fr`, in the reader's language. */
export function languageName(code) {
  try { return new Intl.DisplayNames([language], { type: "language" }).of(code); } catch { return code; }
}

const STATES = {
  waiting: () => t("waiting"), called: () => t("called"), serving: () => t("being served"), parked: () => t("parked"),
  completed: () => t("completed"), no_show: () => t("did not come"), cancelled: () => t("cancelled"), expired: () => t("expired"),
};
export const stateName = (status) => (STATES[status] || (() => status))();

const TROUBLES = {
  unseen: () => t("not connected"), offline: () => t("not connected"), paper_low: () => t("paper low"),
  paper_out: () => t("no paper"), cover_open: () => t("cover open"), error: () => t("printer fault"),
};
export const troubleName = (trouble) => (TROUBLES[trouble] || (() => trouble))();

/** Why a ticket was called. Rules that this page does not know are told in the server's words. */
export function whyOf(ticket) {
  const { rule, reason, heads } = ticket.why;
  const own = heads.find((head) => head.number === ticket.number);
  const minutes = Math.floor((own?.wait_s ?? 0) / 60);
  const known = RULES[rule];
  if (!known) return reason;
  return [known(ticket, minutes), credit(own), others(ticket, heads)].filter(Boolean).join(" ");
}

const RULES = {
  fifo: (ticket, minutes) => t("Longest effective wait at this counter: {minutes} min.", { minutes: number(minutes) }),
  strict: (ticket) => t("{service} is this counter’s first service with anyone waiting.", { service: serviceName(ticket.service) }),
  weighted: (ticket) => t("It was the turn of {service} by its share.", { service: serviceName(ticket.service) }),
  max_priority_run: () => t("Enough priority tickets in a row: now the first normal one."),
  call_ticket: () => t("Picked by hand."),
  unpark: () => t("It was parked and is called again."),
  transfer: () => t("It was handed over by another counter."),
};
const credit = (own) => (own?.credit_min ? t("Its priority counts {minutes} min more.", { minutes: number(own.credit_min) }) : "");
function others(ticket, heads) {
  const rest = heads.filter((head) => head.number !== ticket.number).map((head) => head.number);
  return rest.length ? t("Also first in line: {numbers}.", { numbers: rest.join(", ") }) : "";
}

/** One line of a ticket's story. */
export function storyLine(line) {
  const values = {
    counter: line.counter ? counterName(line.counter) : "", service: line.service ? serviceName(line.service) : "",
    from: line.from_service ? serviceName(line.from_service) : "", to: line.to_counter ? counterName(line.to_counter) : "",
    reason: line.reason || "", text: line.text || "", priority: line.priority ? priorityName(line.priority) : "",
    stars: line.stars || 0, was: line.was || "",
  };
  return (STORY[line.type] || (() => line.type.replaceAll("_", " ")))(values);
}

const STORY = {
  ticket_joined: (v) => t("Joined {service}", v),
  ticket_called: (v) => t("Called to {counter}", v),
  ticket_recalled: (v) => t("Called again to {counter}", v),
  ticket_started: (v) => t("Service began at {counter}", v),
  ticket_completed: (v) => t("Completed at {counter}", v),
  ticket_skipped: (v) => t("Not there at {counter}; back in the queue", v),
  ticket_no_show: (v) => t("Did not come to {counter}", v),
  ticket_parked: (v) => (v.reason ? t("Parked: {reason}", v) : t("Parked")),
  ticket_transferred: (v) => (v.to ? t("Handed to {to}", v) : t("Transferred from {from} to {service}", v)),
  ticket_cancelled: () => t("Cancelled"),
  ticket_expired: () => t("The day ended"),
  ticket_renumbered: (v) => t("Was {was} before", v),
  ticket_checked_in: () => t("Checked in"),
  ticket_rated: (v) => tn("Rated with {count} star", "Rated with {count} stars", v.stars),
  ticket_restored: (v) => t("Taken back into the hand of {counter}", v),
  ticket_returned: () => t("Back in its place"),
  note_added: (v) => t("Note: {text}", v),
  priority_changed: (v) => t("Priority is now {priority}", v),
};

/** Why the branch said no, in the reader's words; where they are missing, in the server's. */
export function refusalText(error) {
  const known = REFUSALS[error.code];
  return known ? known(error.body?.error || {}, error) : error.message;
}

const tryAgain = () => t("The queue does not answer now. Nothing was done; please try again.");
const REFUSALS = {
  away: tryAgain,
  unavailable: tryAgain,
  nothing_waiting: () => t("Nobody is waiting for this counter."),
  nothing_in_hand: () => t("There is no ticket in hand."),
  counter_closed: () => t("The counter is not open."),
  wrong_state: () => t("The ticket is no longer as you saw it. Nothing was done; please look again."),
  already_queued: (told) => (told.number ? t("This phone number has a ticket already: {number}.", told) : t("This phone number has a ticket already.")),
  not_allowed: () => t("Your account may not do this here."),
  service_closed: () => t("The service is closed."),
  service_paused: () => t("The service is paused and takes nobody now."),
  service_full: () => t("The service has given all its tickets of today."),
  unknown_ticket: () => t("There is no such ticket today."),
  unknown_counter: () => t("This counter is no longer there."),
  unknown_service: () => t("This service is no longer there."),
  too_many: () => t("That was too much at once. Please wait a moment."),
  print_not_there: () => t("The kiosk is not connected. Choose another one, or show the code."),
  print_busy: () => t("Somebody is using the kiosk. Please try again in a moment."),
  print_not_printed: () => t("The kiosk did not print. Look at its paper, or choose another one."),
  print_unsure: () => t("The printer stopped in the middle. Please look whether there is a ticket."),
  print_no_answer: () => t("The kiosk did not say whether it printed. Please look there."),
  not_signed_in: () => t("You are signed out. Please sign in again."),
};

/** `12:30 · 4:10` style times of a story. */
export const storyTime = (line) => clock(line.at);
/** A mean time, or a dash before the first. */
export const meanTime = (seconds) => (seconds === null ? "–" : span(seconds));
