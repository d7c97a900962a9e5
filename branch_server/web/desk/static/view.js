// What the branch shows this console: the live pictures, and who wants to know when one changes.
import { data, follow, setNow, setZone } from "/static/base/base.js";

/** Who sits here, and where: `{me, counter, now}`. */
export const about = data("about");
/** The newest pictures by their names; null until they have come. `counter` is the one that this console runs. */
export const view = { setup: null, hall: null, desk: null, queue: null, me: null, counter: about.counter, whole: false };

setNow(about.now);

const readers = [];
/** Calls `call` after each change of one of the named pictures, once they are all there. */
export function on(names, call) {
  readers.push({ names, call });
  if (names.every((name) => view[name])) call();
}

let stream = null;
/** Follows the pictures of `view.counter`, or without one those of the hall. */
export function watch() {
  stream?.close();
  view.desk = view.queue = null;
  const asked = new URLSearchParams();
  if (view.counter) asked.set("counter", view.counter);
  if (view.whole) asked.set("whole", "true");
  const takes = Object.fromEntries(["setup", "hall", "desk", "queue", "me"].map((name) => [name, (picture) => take(name, picture)]));
  stream = follow(`/api/v1/console/stream?${asked}`, takes);
}

const waiting = [];
/** The next picture of this name; resolves without one after `within_ms`. */
export const next = (name, within_ms = 1000) => new Promise((resolve) => {
  waiting.push({ name, resolve });
  setTimeout(resolve, within_ms);
});

function take(name, picture) {
  // A stream of the counter before may still have a picture under way.
  if (name === "desk" && picture.counter !== view.counter) return;
  view[name] = picture;
  if (name === "setup") setZone(picture.branch.time_zone);
  for (const { names, call } of readers) if (names.includes(name) && names.every((one) => view[one])) call();
  for (const one of waiting.splice(0)) {
    if (one.name === name) one.resolve(picture);
    else waiting.push(one);
  }
}

const byId = (list, id) => (list || []).find((one) => one.id === id);
export const service = (id) => byId(view.setup?.services, id) || { id, name: { en: id }, prefix: "" };
export const counter = (id) => byId(view.setup?.counters, id) || { id, label: id, services: [] };
export const counterNow = (id) => byId(view.hall?.counters, id) || { id, state: "closed", staff: null, number: null, waiting: 0 };
export const priority = (id) => byId(view.setup?.priorities, id) || { id, name: { en: id }, credit_min: 0 };
export const device = (id) => byId(view.setup?.devices, id);
export const person = (id) => byId(view.setup?.staff, id)?.name || id;

/** Whether a service is this person's. */
export const mine = (id) => about.me.services === null || about.me.services.includes(id);
/** The services that this person may touch. */
export const myServices = () => (view.setup?.services || []).filter((one) => mine(one.id));
/** The counters at which this person may sit. */
export const myCounters = () => (view.setup?.counters || []).filter((one) => one.services.some(mine));
