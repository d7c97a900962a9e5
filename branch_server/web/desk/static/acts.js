// Commands from this console: one at a time for its counter, never twice for one press, and refusals in plain words.
import { api, newId, toast, t } from "/static/base/base.js";
import { refusalText } from "/static/desk/say.js";
import { next, view } from "/static/desk/view.js";

const PATIENCE_MS = 8000;
/** A second press of the same kind within this time is a slip of the finger. */
const SLIP_MS = 300;

const listeners = [];
let busy = null, last = { act: null, at: 0 };

/** Which command is under way; null when none is. */
export const busyWith = () => busy;
/** Whether a command of this kind has only just been asked for. */
export const isResting = (act) => last.act === act && performance.now() - last.at < SLIP_MS;
/** Calls `call` whenever a command begins or ends. */
export const onBusy = (call) => listeners.push(call);

function setBusy(act) {
  busy = act;
  for (const call of listeners) call();
}

/** POSTs to the branch; throws a `Refusal`. `id` makes a repeated request harmless. */
export const post = (path, body, id) => api("POST", path, body, { id, signal: AbortSignal.timeout(PATIENCE_MS) });

/** A command at this console's counter, such as `call-next`. Resolves its answer; undefined where it was refused, which has
 *  been said, or where another one is under way.
 */
export async function atCounter(act, fields = {}) {
  if (busy || !view.desk || isResting(act)) return undefined;
  last = { act, at: performance.now() };
  setTimeout(() => listeners.forEach((call) => call()), SLIP_MS + 1);
  const seen = view.desk.in_hand?.number;
  setBusy(act);
  try {
    const answer = await post(`/api/v1/counters/${view.counter}/${act}`, seen ? { seen, ...fields } : fields);
    if (!shows(answer.result)) await next("desk");
    return answer;
  } catch (error) {
    say(error);
    return undefined;
  } finally {
    setBusy(null);
  }
}

/** A command about one ticket, such as `note`. Resolves its answer; a refusal is thrown for the form that asked. */
export const atTicket = (ticket, act, fields, id) => post(`/api/v1/tickets/${ticket}/${act}`, fields, id);

/** A new ticket for a customer who stands here. */
export const join = (fields, id) => post("/api/v1/tickets", { channel: "staff", ...fields }, id);

/** Does something and says its refusal; resolves undefined then. */
export async function tried(doing) {
  try {
    return await doing();
  } catch (error) {
    say(error);
    return undefined;
  }
}

/** Says a refusal. */
export const say = (error) => toast(refusalText(error), { kind: "trouble", for_s: 8 });

/** The id of a form that is sent until it is accepted: twice sent is once done. */
export function once() {
  let id = newId();
  return { get id() { return id; }, done() { id = newId(); } };
}

/** Whether the picture has what the answer says of the hand. */
function shows(result) {
  if (!result || !("in_hand" in result || "waiting" in result)) return true;
  const told = result.in_hand || null, held = view.desk?.in_hand || null;
  if (!told || !held) return !told && !held;
  return told.ticket === held.ticket && told.status === held.status && (told.call || 0) === (held.call || 0);
}

/** A message that something was done. */
export const done = (text, act) => toast(text, { act, for_s: act ? 8 : 4 });
/** What a button says while its command is under way. */
export const workingText = (act) => (act === "call-next" ? t("Calling…") : t("One moment…"));
