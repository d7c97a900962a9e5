// The left column: the ticket in hand, the one big button, the keys, and why this ticket.
import { el, t } from "/static/base/base.js";
import { busyWith, isResting, onBusy, workingText } from "/static/desk/acts.js";
import { offered } from "/static/desk/precall.js";
import { counterName, languageName, origin, priorityName, serviceName, whyOf } from "/static/desk/say.js";
import { countdown, inMinutes, left_s, timer } from "/static/desk/times.js";
import { about, on, person, view } from "/static/desk/view.js";

const part = (name) => document.getElementById(name);

/** Whether an action makes sense now. What does not is told when it is asked for, not hidden. */
export function can(act) {
  const desk = view.desk;
  if (!desk || desk.gone) return false;
  const held = desk.in_hand;
  switch (act) {
    case "call-next": return desk.state === "open" && (Boolean(held) || desk.waiting > 0);
    case "start": case "skip": case "no-show": return held?.status === "called";
    case "recall": case "complete": case "transfer": case "park": case "note": case "priority": case "why": return Boolean(held);
    case "undo": return Boolean(desk.undo) && left_s(desk.undo.until) > 0;
    case "close": return desk.state !== "closed";
    case "break": return desk.state === "open" || desk.state === "break";
    default: return true;
  }
}

/** Draws the column. */
export function drawHand() {
  const desk = view.desk;
  if (!desk) return;
  part("desk").classList.toggle("busy", Boolean(busyWith()));
  document.title = [desk.in_hand?.number, counterName(view.counter)].filter(Boolean).join(" · ");
  drawState(desk);
  drawTicket(desk.in_hand);
  drawMain(desk);
  drawKeys();
  drawWhy(desk.in_hand);
  drawUndo(desk.undo);
}

function drawState(desk) {
  const held = desk.in_hand, line = part("hand-state");
  if (desk.gone) line.replaceChildren(t("This counter is no longer there."));
  else if (desk.state === "closed") line.replaceChildren(t("This counter is closed."));
  else if (held?.status === "serving") line.replaceChildren(t("In hand · serving"), " ", timer(held.started_at));
  else if (held) line.replaceChildren(held.call > 1 ? t("In hand · called {count} times", { count: held.call }) : t("In hand · called"), " ", timer(held.called_at));
  else if (desk.state === "break") line.replaceChildren(t("On a break"));
  else line.replaceChildren(t("Nobody in hand"));
  part("desk").dataset.state = desk.gone ? "closed" : desk.state;
  const other = desk.staff && desk.staff !== about.me.id ? person(desk.staff) : "";
  const rests = desk.state === "break" && held ? t("On a break. Nobody else is called here now.") : "";
  part("hand-sitter").hidden = !other && !rests;
  part("hand-sitter").textContent = other ? t("{name} sits at this counter now.", { name: other }) : rests;
}

function drawTicket(held) {
  part("hand-number").textContent = held?.number || "—";
  part("hand-number").classList.toggle("nobody", !held);
  const lines = held ? ticketLines(held) : emptyLines();
  part("hand-about").replaceChildren(...lines);
}

function ticketLines(held) {
  const what = [serviceName(held.service), origin(held), held.language && languageName(held.language)].filter(Boolean);
  const lines = [el("p", { class: "hand-what" }, what.join(" · "))];
  if (held.priority !== "normal") lines[0].append(" ", el("span", { class: "chip", text: priorityName(held.priority) }));
  if (held.waited_s !== undefined) lines.push(el("p", { class: "quiet", text: t("Waited {minutes}", { minutes: inMinutes(Math.floor(held.waited_s / 60)) }) }));
  if (held.name || held.phone) {
    lines.push(el("p", { class: "hand-name" }, el("strong", { text: held.name || "" }), held.name && held.phone ? " · " : "", el("bdi", { class: "figure", text: held.phone || "" })));
  }
  for (const note of held.notes || []) lines.push(el("p", { class: "note hand-note", dir: "auto", text: note }));
  return lines;
}

function emptyLines() {
  const { state, waiting } = view.desk;
  if (state === "break") return [el("p", { class: "quiet", text: t("Nobody is called to this counter now.") })];
  if (state !== "open") return [];
  return [el("p", { class: "quiet", text: waiting ? t("Call the next customer when you are ready.") : t("Nobody is waiting. New tickets appear here by themselves.") })];
}

function drawMain(desk) {
  const button = part("call-next"), words = part("call-next-words"), opens = desk.state !== "open";
  button.dataset.do = opens ? "open" : "call-next";
  const idle = !opens && !can("call-next");
  button.setAttribute("aria-disabled", String(idle || Boolean(desk.gone)));
  const working = busyWith() === "call-next" || busyWith() === "open";
  button.classList.toggle("working", working);
  button.classList.toggle("resting", isResting("call-next"));
  const label = desk.state === "break" ? t("Back to work") : opens ? t("Open the counter") : offered() ? t("Call {number}", { number: offered().number }) : t("Call next");
  const text = working ? workingText(busyWith()) : label;
  if (words.textContent !== text) words.textContent = text;
}

function drawKeys() {
  for (const button of document.querySelectorAll("#keys [data-do], #hand-acts [data-do], .hand-seat [data-do]")) {
    const act = button.dataset.do;
    button.setAttribute("aria-disabled", String(!can(act)));
    button.classList.toggle("working", busyWith() === act);
  }
}

function drawWhy(held) {
  const box = part("why");
  box.hidden = !held?.why;
  if (box.hidden) return;
  box.replaceChildren(el("strong", { text: t("Why {number}?", { number: held.number }) }), " ", whyOf(held));
}

const ACTS = {
  complete: (v) => t("{number} completed", v), skip: (v) => t("{number} not here", v), no_show: (v) => t("{number} did not come", v),
};
let taken = null;
function drawUndo(undo) {
  const box = part("undo"), alive = undo && left_s(undo.until) > 0;
  box.classList.toggle("idle", !alive);
  box.querySelector("button").setAttribute("aria-disabled", String(!alive));
  const now = alive ? `${undo.ticket} ${undo.act} ${undo.until}` : "";
  if (now === taken) return;
  taken = now;
  part("undo-words").textContent = alive ? (ACTS[undo.act] || ACTS.complete)(undo) : t("Nothing to take back");
  part("undo-left").replaceChildren(alive ? countdown(undo.until) : "");
}

on(["setup", "desk", "me", "hall"], drawHand);
onBusy(drawHand);
addEventListener("foleni-precall", drawHand);
setInterval(() => { if (view.desk) drawUndo(view.desk.undo); }, 1000);
