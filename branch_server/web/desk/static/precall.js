// Looking before calling: whom the next call would bring, to accept or to pass over, before anybody hears it.
import { api, t, toast } from "/static/base/base.js";
import { refusalText } from "/static/desk/say.js";
import { about, on, view } from "/static/desk/view.js";

const KEPT = `foleni-precall:${about.me.id}`;
const MOST_PASSED = 20;

let wanted = read(), offer = null, passed = [], asking = false;

function read() {
  try { return localStorage.getItem(KEPT) === "yes"; } catch { return false; }
}
function tell() { dispatchEvent(new CustomEvent("foleni-precall")); }

/** Whether this person wants to look first. */
export const looksFirst = () => wanted;
export function lookFirst(is) {
  wanted = is;
  try { localStorage.setItem(KEPT, is ? "yes" : "no"); } catch { /* it lasts as long as the page */ }
  if (!is) forget();
  tell();
}

/** The ticket that is looked at now; null where none is. */
export const offered = () => offer;
/** Those that were passed over, for the call that follows. */
export const passedOver = () => passed;

/** Puts the look away. */
export function forget() {
  if (!offer && !passed.length) return;
  offer = null;
  passed = [];
  tell();
}

/** Asks whom the next call would bring. */
export async function look() {
  if (asking) return;
  asking = true;
  try {
    const query = passed.map((ticket) => `pass_over=${ticket}`).join("&");
    const answer = await api("GET", `/api/v1/counters/${view.counter}/next${query && `?${query}`}`);
    offer = answer.ticket;
    if (!offer) {
      toast(passed.length ? t("Nobody else is waiting. Those you passed over stay in their places.") : t("Nobody is waiting for this counter."));
      passed = [];
    }
  } catch (error) {
    toast(refusalText(error), { kind: "trouble" });
  } finally {
    asking = false;
    tell();
  }
}

/** Leaves the one looked at where it is, and looks at the one after. */
export async function pass() {
  if (!offer || asking) return;
  if (passed.length >= MOST_PASSED) {
    toast(t("Enough were passed over. Please call one of them."));
    return;
  }
  passed = [...passed, offer.ticket];
  await look();
}

// Somebody else may have called the one looked at.
on(["desk", "queue"], () => {
  if (!offer) return;
  if (view.desk.state !== "open") forget();
  else if (!view.queue.waiting.some((row) => row.ticket === offer.ticket)) look();
});
