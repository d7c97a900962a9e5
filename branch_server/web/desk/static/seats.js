// Choosing a counter, opening and leaving it.
import { api, el, sure, t, tn } from "/static/base/base.js";
import { post, say } from "/static/desk/acts.js";
import { fill } from "/static/desk/rows.js";
import { counterName, serviceName } from "/static/desk/say.js";
import { option, sheet } from "/static/desk/sheet.js";
import { about, counter, counterNow, myCounters, on, person, view, watch } from "/static/desk/view.js";

const part = (name) => document.getElementById(name);

/** Shows the counter that this console runs, or the choice of one. */
export function showSeat() {
  const sits = Boolean(view.counter);
  part("desk").hidden = !sits;
  part("choose").hidden = sits;
  part("seat").textContent = sits ? counterName(view.counter) : t("No counter");
  part("seat-services").textContent = sits ? counter(view.counter).services.map(serviceName).join(" · ") : "";
}

function drawSeats() {
  if (view.counter) return;
  const seats = myCounters();
  fill(part("seats"), seats, (one) => one.id, seatTile, (one) => JSON.stringify([one, counterNow(one.id)]));
  if (!seats.length) part("seats").replaceChildren(el("p", { class: "empty" }, el("strong", { text: t("There is no counter for your services.") }), t("An administrator sets counters up.")));
}

function seatTile(one) {
  const now = counterNow(one.id), taken = now.staff !== null && now.staff !== about.me.id;
  const barred = taken && !about.me.takes_over;
  const state = { open: t("open"), break: t("on a break"), closed: t("closed") }[now.state];
  const words = taken ? t("{name} sits there", { name: person(now.staff) }) : state;
  return el("button", { type: "button", class: "seat", "data-do": "sit", "data-counter": one.id, "aria-disabled": barred ? "true" : undefined },
    el("span", { class: "seat-label figure", text: one.label }),
    el("span", { class: "seat-words" },
      el("strong", { text: one.services.map(serviceName).join(" · ") }),
      el("span", { class: taken ? "chip amber" : now.state === "closed" ? "chip grey" : "chip", text: words }),
      el("span", { class: "quiet", text: tn("{count} waiting", "{count} waiting", now.waiting) })));
}

/** Sits down at a counter: opens it in this person's name. */
export async function sit(id) {
  const now = counterNow(id), other = now.staff !== null && now.staff !== about.me.id ? now.staff : null;
  if (other && !about.me.takes_over) { say({ code: "", message: t("{name} sits there", { name: person(other) }) }); return; }
  if (other && !await sure(t("Take over counter {label}?", counter(id)), t("{name} sits there now. The counter becomes yours, with the ticket in its hand.", { name: person(other) }), t("Take over"), { danger: false })) return;
  try {
    await post(`/api/v1/counters/${id}/open`, { staff: about.me.id });
  } catch (error) {
    say(error);
    return;
  }
  take(id);
}

/** Runs a counter from this console from now on; null is none. */
export function take(id) {
  view.counter = id;
  showSeat();
  watch();
  if (id) part("call-next").focus();
  else drawSeats();
}

/** Closes the counter, after asking. Whether it is closed now. */
export async function closeCounter() {
  if (!view.desk) return false;
  const waits = view.desk.waiting;
  const what = waits ? tn("{count} person waits for its services; nobody is called to it any more.", "{count} people wait for its services; nobody is called to it any more.", waits) : t("Nobody is called to it any more.");
  if (!await sure(t("Close counter {label}?", counter(view.counter)), what, t("Close the counter"), { danger: false })) return false;
  return leave();
}

async function leave() {
  try {
    await post(`/api/v1/counters/${view.counter}/close`, {});
  } catch (error) {
    say(error.code === "wrong_state" ? { code: "", message: t("There is a ticket in hand. Complete, transfer or park it first.") } : error);
    return false;
  }
  take(null);
  return true;
}

// Signing out with an open counter would leave customers in front of an empty chair: it is asked first.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.('[data-act="sign-out"]');
  if (!button || button.dataset.sure || !view.counter || !view.desk || view.desk.state === "closed") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const answer = await askLeaving();
  if (!answer || (answer === "close" && !await leave())) return;
  button.dataset.sure = "yes";
  button.click();
}, true);

/** What becomes of the counter when its person signs out: `close`, `stay`, or undefined where they stay signed in. */
const askLeaving = () => sheet(t("Sign out"), (box, close) => {
  box.append(
    el("p", { text: t("You sit at counter {label}. What shall become of it?", counter(view.counter)) }),
    el("div", { class: "options" },
      option(t("Close the counter and sign out"), t("Nobody is called to it any more."), () => close("close"), { index: 0 }),
      option(t("Only sign out"), t("The counter stays open, for whoever takes over."), () => close("stay"), { index: 1 })));
});

// A stream cannot say why it is refused. Where the counter itself is gone there is nothing to wait for.
addEventListener("foleni-reach", async ({ detail }) => {
  if (detail.live || !view.counter) return;
  try {
    await api("GET", `/api/v1/counters/${view.counter}`);
  } catch (error) {
    if (error.code !== "unknown_counter") return;
    say(error);
    take(null);
  }
});

/** Starts following who sits where. */
export function showSeats() {
  on(["setup", "hall"], () => { showSeat(); drawSeats(); });
}
