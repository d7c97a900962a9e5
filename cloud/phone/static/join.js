// Taking a number: one tap, and the phone's number the first time.
(function () {
  "use strict";
  const t = foleni.t, byId = foleni.byId, box = byId("join");
  if (!box) { return; }
  const branch = box.getAttribute("data-branch"), service = box.getAttribute("data-service"), take = byId("take"), fault = byId("join-fault");
  const KEY = "join." + branch + "." + service, KEY_MS = 120000;

  /** The same wish has the same id, also where its answer was lost and the page was opened anew. */
  function key() {
    const kept = foleni.recall(KEY);
    if (kept && Date.now() - kept.at < KEY_MS) { return kept.id; }
    const made = { id: foleni.uuid(), at: Date.now() };
    foleni.remember(KEY, made);
    return made.id;
  }
  function busy(is) {
    take.disabled = is;
    take.textContent = is ? t("Asking the branch …") : t("Take a number");
  }
  function toTicket(token) {
    foleni.remember(KEY, null);
    location.href = "/t/" + encodeURIComponent(token) + "?lang=" + foleni.language;
  }
  /** Somebody who is in this branch's queue already is led to that ticket. */
  function toMine(error) {
    if (error.told.token) { toTicket(error.told.token); return; }
    foleni.api("GET", "/api/v1/me/tickets").then((answer) => {
      const mine = answer.body.active.filter((one) => one.branch === branch)[0];
      if (mine) { toTicket(mine.token); } else { say(error.message); }
    }, () => say(error.message));
  }
  const SAID = {
    service_closed: () => t("This service is closed now."), service_paused: () => t("This service is paused now."),
    service_full: () => t("All numbers of today are given. Please come another day."),
    unknown_service: () => t("This service is no longer offered here."),
    unavailable: () => t("The branch cannot be reached now. Please try again in a moment."),
    too_many: () => t("These are too many requests. Please wait a moment.")
  };
  function say(text) {
    busy(false);
    foleni.step("join");
    fault.textContent = text;
    fault.hidden = false;
    take.focus();
  }
  function refused(error) {
    if (error.status === 401) { busy(false); foleni.signIn(box.getAttribute("data-code"), join); return; }
    if (error.code === "already_queued") { toMine(error); return; }
    // A refusal is an answer: the next try is a new wish.
    if (error.status >= 400 && error.status < 500) { foleni.remember(KEY, null); }
    say(SAID[error.code] ? SAID[error.code]() : error.message);
  }
  function join() {
    foleni.step("join");
    busy(true);
    fault.hidden = true;
    foleni.api("POST", "/api/v1/queues/" + branch + "/join", { service: service, language: foleni.language }, { "Idempotency-Key": key() })
      .then((answer) => toTicket(answer.body.token), refused);
  }
  take.disabled = false;
  take.addEventListener("click", join);
}());
