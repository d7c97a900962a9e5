// The staff console: wires keys and buttons to what they do.
import { sure, t, toast } from "/static/base/base.js";
import { atCounter, busyWith, say } from "/static/desk/acts.js";
import { addNote, changePriority, complete, park, takeBreak, transfer } from "/static/desk/asking.js";
import { can } from "/static/desk/hand.js";
import { showLine } from "/static/desk/line.js";
import { showOffer } from "/static/desk/offer.js";
import { forget, look, lookFirst, looksFirst, offered, pass, passedOver } from "/static/desk/precall.js";
import { closeCounter, showSeats, sit } from "/static/desk/seats.js";
import { showSide } from "/static/desk/side.js";
import { checkIn, find, openTicket } from "/static/desk/ticket.js";
import { about, on, view, watch } from "/static/desk/view.js";
import { walkIn } from "/static/desk/walkin.js";

const part = (name) => document.getElementById(name);

const KEYS = {
  " ": "call-next", r: "recall", a: "start", c: "complete", s: "skip", n: "no-show", t: "transfer", k: "park", w: "walk-in",
  e: "note", i: "priority", y: "why", u: "undo", f: "find", "/": "find", p: "break", x: "pass", escape: "forget",
};
/** What works without a counter. */
const ANYWHERE = new Set(["find", "walk-in", "sit", "open-ticket"]);

const DO = {
  "call-next": callNext,
  open: () => atCounter("open", { staff: about.me.id }),
  recall: () => atCounter("recall"),
  start: () => atCounter("start"),
  complete,
  skip: () => atCounter("skip"),
  "no-show": () => atCounter("no-show"),
  transfer, park, "walk-in": walkIn, break: takeBreak, close: closeCounter,
  note: () => addNote(view.desk.in_hand),
  priority: () => changePriority(view.desk.in_hand),
  why: () => openTicket(view.desk.in_hand.ticket),
  undo,
  find: () => find(),
  sit: (button) => sit(button.dataset.counter),
  "open-ticket": (button) => openTicket(button.dataset.ticket),
  "call-ticket": (button) => callByHand(button.dataset.ticket, "call-ticket"),
  unpark: (button) => callByHand(button.dataset.ticket, "unpark"),
  "check-in": (button) => checkIn(rowOf(button.dataset.ticket)),
  pass,
  forget: () => forget(),
};

async function callNext() {
  if (view.desk.state === "break") return takeBreak();
  if (view.desk.state !== "open") return DO.open();
  if (looksFirst() && !offered()) return look();
  const wanted = offered()?.number;
  const answer = await atCounter("call-next", passedOver().length ? { pass_over: passedOver() } : {});
  if (!answer) return undefined;
  forget();
  const got = answer.result.in_hand?.number;
  if (wanted && got && got !== wanted) toast(t("{number} came first: it joined in the meantime with more priority.", { number: got }));
  return answer;
}

function undo() {
  const { ticket, blocked, number } = view.desk.undo, held = view.desk.in_hand;
  if (!blocked) return atCounter("undo", { ticket });
  toast(t("{held} is in hand. Park it, then {number} can come back.", { held: held.number, number }), { for_s: 8 });
  return undefined;
}

/** By hand somebody overtakes others: with a ticket in hand it is also completed, so that is asked. */
async function callByHand(ticket, act) {
  const held = view.desk.in_hand, row = rowOf(ticket);
  if (held && !await sure(t("Call {number} now?", row), t("{number} is in hand and would be completed.", held), t("Call {number}", row), { danger: false })) return undefined;
  return atCounter(act, { ticket });
}

const rowOf = (ticket) => [...view.queue.waiting, ...view.queue.parked, ...view.queue.upcoming].find((row) => row.ticket === ticket) || { ticket, number: "" };

const WHY_NOT = {
  start: () => notCalled(), skip: () => notCalled(), "no-show": () => notCalled(),
  undo: () => t("There is nothing to take back."),
};
const notCalled = () => (view.desk.in_hand ? t("The customer is being served already.") : t("There is no ticket in hand."));

/** Does what a key or a button stands for. */
async function run(act, button) {
  if (!ANYWHERE.has(act)) {
    if (!view.counter || !view.desk || busyWith()) return;
    if (act === "call-next" && view.desk.state !== "open") act = view.desk.state === "break" ? "break" : "open";
    // Whether anybody waits the branch knows best: a ticket may have come this very moment.
    if (act !== "call-next" && !can(act)) { toast((WHY_NOT[act] || (() => t("There is no ticket in hand.")))()); return; }
  }
  if (!view.setup || !view.hall) return;
  try {
    await DO[act](button);
  } catch (error) {
    say(error);
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-do]");
  if (!button) return;
  // The second click of a double click is no wish of its own.
  if (event.detail > 1) return;
  if (event.detail && !button.closest("dialog")) button.blur();
  run(button.dataset.do, button);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const act = KEYS[letterOf(event)];
  if (!act || (act === "pass" && !offered())) return;
  // On a button that the keyboard has reached, Space presses that button.
  if (event.key === " " && event.target.matches("button, a, summary, input")) return;
  event.preventDefault();
  if (!event.repeat) run(act);
});

/** The letter of a key, also on keyboards that write another script. */
function letterOf(event) {
  const key = event.key.toLowerCase();
  return key.length > 1 || /[\x20-\x7e]/.test(key) ? key : event.code.replace(/^Key/, "").toLowerCase();
}

document.addEventListener("click", (event) => {
  const act = event.target.closest?.("[data-act]");
  if (act?.dataset.act === "menu") unfold(act, document.querySelector(".bar"), "unfolded");
  if (act?.dataset.act === "whole") unfold(act, document.body, "whole");
});
function unfold(button, box, name) {
  button.setAttribute("aria-expanded", String(box.classList.toggle(name)));
}

part("precall").checked = looksFirst();
part("precall").onchange = (event) => { lookFirst(event.target.checked); event.target.blur(); };
part("whole").onchange = (event) => { view.whole = event.target.checked; event.target.blur(); watch(); };

on(["hall"], () => { part("quiet").hidden = view.hall.live; });
showSeats();
showLine();
showSide();
showOffer();
watch();
