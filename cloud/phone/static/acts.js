// What the holder of a ticket does: says “I am here”, gives up, rates, and learns when to leave.
(function () {
  "use strict";
  const t = foleni.t, byId = foleni.byId, ticket = foleni.ticket, sound = foleni.sound, SPARE_S = 120, SECOND_MS = 1000;
  let asked = !byId("cancel").hidden, last = null, told = "";

  // When to leave

  function left(view, heard) {
    if (view.ahead === 0) { return 0; }
    return view.wait_p50_s === null || view.wait_p50_s === undefined ? null : Math.max(0, view.wait_p50_s - (Date.now() - heard) / SECOND_MS);
  }
  function advice(view, heard) {
    const travel = byId("travel").value, wait = left(view, heard);
    if (travel === "" || travel === "0" || wait === null) { return ""; }
    const rest = wait - Number(travel) * 60 - SPARE_S;
    if (rest <= 0) { return t("Leave now."); }
    return t("Leave in {wait}, at {time}.", { wait: foleni.wait(rest), time: foleni.clock(new Date(Date.now() + rest * SECOND_MS)) });
  }
  function leave(view, face, heard) {
    const box = byId("leave"), text = advice(view, heard), isNow = text === t("Leave now.");
    byId("leaving").hidden = !face.mayLeave;
    foleni.write(box, text);
    box.className = isNow ? "leave now" : "leave";
    if (isNow && told && told !== text && navigator.vibrate) { try { navigator.vibrate(300); } catch (e) { /* it stays quiet */ } }
    told = text;
  }
  byId("travel").value = foleni.recall("travel", "");
  byId("travel").addEventListener("change", () => {
    foleni.remember("travel", byId("travel").value);
    if (last) { leave(last.view, last.face, last.heard); }
  });

  // What can be done now

  function offer(view, face, heard) {
    last = { view: view, face: face, heard: heard };
    byId("check-in").hidden = !face.canCheckIn;
    byId("give-up").hidden = !face.canCancel || asked;
    byId("cancel").hidden = !face.canCancel || !asked;
    byId("rate").hidden = !face.canRate;
    byId("again").hidden = !face.isOver;
    byId("sound").hidden = !face.waits || !sound.canBe || sound.isOn();
    leave(view, face, heard);
  }
  function ask(is) {
    asked = is;
    if (last) { offer(last.view, last.face, last.heard); }
    (is ? byId("cancel").querySelector("h2") : byId("ask")).focus();
  }
  function note(text) {
    byId("told").textContent = text;
    byId("told").hidden = !text;
  }
  function fail(form, text) {
    const box = byId("rate-fault");
    if (form.id !== "rate") { note(text); return; }
    box.textContent = text;
    box.hidden = !text;
  }
  const SAID = {
    wrong_state: (form) => (form.id === "rate" ? t("You can tell us how it was as soon as you have been served.") : t("This ticket is no longer waiting, so this cannot be done.")),
    unavailable: () => t("The branch cannot be reached now. Please try again in a moment."),
    too_many: () => t("These are too many requests. Please wait a moment.")
  };
  function fields(form) {
    if (form.id !== "rate") { return {}; }
    const chosen = form.querySelector("input:checked");
    return chosen ? { stars: Number(chosen.value), text: byId("text").value.trim() } : null;
  }
  function send(form) {
    const body = fields(form), button = form.querySelector("button");
    if (!body) { fail(form, t("Please choose one to five stars.")); return; }
    button.disabled = true;
    foleni.raw("POST", "/api/v1/tickets/" + encodeURIComponent(ticket.token) + "/" + form.id, body).then(
      (answer) => {
        button.disabled = false;
        fail(form, "");
        if (form.id === "rate") { button.textContent = t("Change my answer"); }
        if (form.id === "cancel") { asked = false; }
        note(answer.status === 202 ? t("The branch is told as soon as it is connected again.") : "");
        if (answer.body && answer.body.status) { ticket.take(answer.body); } else { ticket.look(); }
      },
      (error) => { button.disabled = false; fail(form, SAID[error.code] ? SAID[error.code](form) : error.message); });
  }
  function light() {
    const chosen = document.querySelector("#rate input:checked");
    Array.from(document.querySelectorAll("#rate .star")).forEach((star, at) => { star.className = chosen && at < Number(chosen.value) ? "star lit" : "star"; });
  }

  document.addEventListener("submit", (event) => { event.preventDefault(); send(event.target); });
  document.addEventListener("change", light);
  document.addEventListener("click", (event) => {
    sound.wake();
    if (event.target.id === "ask") { event.preventDefault(); ask(true); }
    if (event.target.id === "keep") { event.preventDefault(); ask(false); }
    if (event.target.id === "sound") { byId("sound").hidden = true; setTimeout(sound.chime, 100); }
  });
  ticket.watch(offer);
  foleni.pushing.offer(byId("push"), byId("push-told"));
}());
