// What is asked before a command at the counter: where to, why, with what outcome.
import { el, t, tn, toast } from "/static/base/base.js";
import { atCounter, atTicket, done, once } from "/static/desk/acts.js";
import { counterName, priorityName, refusalText, serviceName } from "/static/desk/say.js";
import { choice, draft, ending, field, option, sheet } from "/static/desk/sheet.js";
import { about, counterNow, person, view } from "/static/desk/view.js";

/** Completes what is in hand, with an outcome where the branch has some. */
export async function complete() {
  const { outcomes } = view.setup.branch;
  if (!outcomes.length) return atCounter("complete");
  const outcome = await sheet(t("How did it end?"), (box, close) => {
    const options = el("div", { class: "options" });
    outcomes.forEach((text, index) => options.append(option(text, "", () => close(text), { index })));
    options.append(option(t("Without an outcome"), "", () => close(""), { index: outcomes.length }));
    box.append(options);
  });
  return outcome === undefined ? undefined : atCounter("complete", outcome ? { outcome } : {});
}

/** Asks for a reason, from those that the branch offers or in own words; resolves undefined where it was left. */
function reasonFor(title, reasons, label, yes, key) {
  return sheet(title, (box, close) => {
    const options = el("div", { class: "options" });
    reasons.forEach((text, index) => options.append(option(text, "", () => close(text), { index })));
    const { box: line, input } = field("reason", label, { maxlength: 200, autocomplete: "off", first: !reasons.length });
    const forget = draft(input, key);
    const send = el("button", { type: "submit", class: "main", text: yes });
    const form = el("form", {}, line, ending(send).box);
    form.onsubmit = (event) => { event.preventDefault(); forget(); close(input.value.trim()); };
    box.append(options, form);
  });
}

/** Parks what is in hand. */
export async function park() {
  const held = view.desk.in_hand, { park_reasons } = view.setup.branch;
  const reasons = park_reasons.length ? park_reasons : [t("copy of a document"), t("payment"), t("result")];
  const reason = await reasonFor(t("Park {number}", held), reasons, t("What is it waiting for?"), t("Park"), `park:${held.ticket}`);
  return reason === undefined ? undefined : atCounter("park", reason ? { reason } : {});
}

/** Goes on a break, or comes back from one. */
export async function takeBreak() {
  if (view.desk.state === "break") return atCounter("open", { staff: about.me.id });
  if (view.desk.state !== "open") return undefined;
  const reasons = [t("short break"), t("lunch"), t("back office")];
  const reason = await reasonFor(t("Break"), reasons, t("Another reason"), t("Begin the break"), "break");
  return reason === undefined ? undefined : atCounter("break", reason ? { reason } : {});
}

/** Hands what is in hand on: to a service, a counter or a person. */
export async function transfer() {
  const held = view.desk.in_hand;
  const aim = await sheet(t("Transfer {number}", held), (box, close) => {
    const keeps = el("input", { type: "checkbox", checked: true });
    keeps.checked = true;
    let index = 0;
    const group = (title, options) => options.length && box.append(el("h3", { text: title }), el("div", { class: "options" }, ...options));
    group(t("To the queue of a service"), view.setup.services.filter((one) => one.id !== held.service).map((one) => {
      const now = view.hall.services.find((other) => other.id === one.id), closed = now?.state === "closed";
      const note = closed ? t("closed") : tn("{count} waiting", "{count} waiting", now?.waiting ?? 0);
      return option(serviceName(one.id), note, () => close({ to_service: one.id, keep_rank: keeps.checked }), { index: closed ? 99 : index++, disabled: closed });
    }));
    box.append(el("label", { class: "check" }, keeps, t("Keeps its place: who joined earlier still goes first")));
    const others = view.setup.counters.filter((one) => one.id !== view.counter && counterNow(one.id).state === "open");
    group(t("Into the hand of a counter or a person"), others.map((one) => {
      const now = counterNow(one.id), name = now.staff ? person(now.staff) : "", busy = now.number !== null;
      const words = name ? `${name} · ${counterName(one.id)}` : counterName(one.id);
      const target = now.staff ? { to_staff: now.staff } : { to_counter: one.id };
      return option(words, busy ? t("has {number} in hand", now) : t("free"), () => close(target), { index: busy ? 99 : index++, disabled: busy });
    }));
    if (!others.length) box.append(el("p", { class: "quiet", text: t("No other counter is open.") }));
  });
  if (!aim) return;
  await sendOn(held, aim);
}

async function sendOn(held, aim) {
  try {
    await atTicket(held.ticket, "transfer", aim);
    done(aim.to_service ? t("{number} waits for {service} now", { number: held.number, service: serviceName(aim.to_service) }) : t("{number} was handed over", held));
  } catch (error) {
    toast(refusalText(error), { kind: "trouble", for_s: 8 });
  }
}

/** Writes a note at a ticket; what is typed is kept until it is accepted. */
export const addNote = (ticket) => sheet(t("Note for {number}", ticket), (box, close) => {
  const { box: line, input } = field("note", t("Everybody who has this ticket in hand reads it"), { kind: "area", maxlength: 400, first: true });
  const forget = draft(input, `note:${ticket.ticket}`), same = once();
  const send = el("button", { type: "submit", class: "main", text: t("Save the note") });
  const { box: end, say } = ending(send);
  const form = el("form", {}, line, end);
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (!input.value.trim()) { say(t("Write something first.")); input.focus(); return; }
    send.disabled = true;
    try {
      await atTicket(ticket.ticket, "note", { text: input.value.trim() }, same.id);
      forget();
      close(true);
    } catch (error) {
      say(refusalText(error));
    } finally {
      send.disabled = false;
    }
  };
  input.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit(); });
  box.append(form);
});

/** Changes a ticket's priority class. */
export async function changePriority(ticket) {
  const chosen = await sheet(t("Priority of {number}", ticket), (box, close) => {
    const options = el("div", { class: "options" });
    view.setup.priorities.forEach((one, index) => {
      const is = one.id === ticket.priority;
      const note = is ? t("as it is now") : one.credit_min ? t("counts {minutes} min more", { minutes: one.credit_min }) : t("counts as it waits");
      options.append(option(priorityName(one.id), note, () => close(is ? undefined : one.id), { index }));
    });
    box.append(options);
  });
  if (!chosen) return;
  try {
    await atTicket(ticket.ticket, "priority", { priority: chosen });
    done(t("{number} is {priority} now", { number: ticket.number, priority: priorityName(chosen) }));
  } catch (error) {
    toast(refusalText(error), { kind: "trouble", for_s: 8 });
  }
}

/** The fields that reception and counters ask about a customer. */
export function customerFields(languages, languageName) {
  const priority = choice("priority", t("Priority"), view.setup.priorities.map((one) => [one.id, priorityName(one.id)]), "normal");
  const language = choice("language", t("Language"), [["", t("not known")], ...languages.map((code) => [code, languageName(code)])], "");
  const name = field("name", t("Name"), { maxlength: 80, autocomplete: "off", hint: t("Only staff see it.") });
  const phone = field("phone", t("Phone"), { kind: "tel", maxlength: 24, autocomplete: "off", dir: "ltr", placeholder: "+250788123456", hint: t("With the country’s code. One number has one ticket.") });
  return { priority, language, name, phone };
}

/** What the customer's fields say, as a join carries it. */
export function customerOf({ priority, language, name, phone }) {
  const told = { priority: priority.input.value };
  if (language.input.value) told.language = language.input.value;
  if (name.input.value.trim()) told.name = name.input.value.trim();
  const digits = phone.input.value.replace(/[\s().-]/g, "");
  if (digits) told.phone = digits.startsWith("00") ? `+${digits.slice(2)}` : digits;
  return told;
}

/** What is wrong with the customer's fields; empty where nothing is. */
export function faultOf(told) {
  return told.phone && !/^\+[1-9]\d{6,14}$/.test(told.phone) ? t("Write the phone number with the country’s code, such as +250788123456.") : "";
}
