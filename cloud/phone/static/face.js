// A ticket in finished words. `faces.py` says the same from the same view, word by word.
(function () {
  "use strict";
  const t = foleni.t, tn = foleni.tn, wait = foleni.wait, clock = foleni.clock, SECOND_MS = 1000, MINUTE_S = 60;

  const MONTHS = [
    () => t("Jan"), () => t("Feb"), () => t("Mar"), () => t("Apr"), () => t("May"), () => t("Jun"),
    () => t("Jul"), () => t("Aug"), () => t("Sep"), () => t("Oct"), () => t("Nov"), () => t("Dec")
  ];

  function heard(at, now) {
    if (!at) { return t("This branch is not connected."); }
    const ago = Math.max(MINUTE_S, Math.floor((now - Date.parse(at)) / SECOND_MS));
    return t("Last heard from the branch {wait} ago", { wait: wait(ago) });
  }
  function dayOf(when, zone) {
    const parts = new Date(when).toLocaleDateString("en-GB", { timeZone: zone, day: "numeric", month: "numeric", year: "numeric" }).split("/");
    return Number(parts[0]) + " " + MONTHS[Number(parts[1]) - 1]() + " " + parts[2];
  }
  /** The time of day; with its date where that is another one than today's at the branch. */
  function whenIs(when, zone, now) {
    const day = dayOf(when, zone);
    return (day === dayOf(now, zone) ? "" : day + " · ") + clock(when, zone);
  }
  function has(value) { return value !== null && value !== undefined; }
  function counterOf(view) { return view.counter_label || view.counter || ""; }

  function tiles(view, ahead) {
    const made = [[String(ahead), tn("person ahead", "people ahead", ahead)]];
    if (has(view.wait_p50_s)) {
      const likely = wait(view.wait_p50_s), most = has(view.wait_p90_s) ? wait(view.wait_p90_s) : likely;
      made.push([likely, most !== likely ? t("at most {wait}", { wait: most }) : t("expected wait")]);
    }
    return made;
  }
  function detail(view) {
    if (view.provisional && !view.live) { return t("The branch is not connected now. Your place is kept, and your number is good."); }
    if (view.skips) { return t("You were called and did not come. You are called once more."); }
    return view.checked_in_at ? t("We know that you are here.") : "";
  }

  const FACES = {
    asked: () => ({
      tone: "calm", sentence: t("We are asking the branch for your number."),
      detail: t("This takes a few seconds. Please keep this page open."), waits: true
    }),
    waiting: (view, names, now) => {
      if (view.appointment && !view.checked_in_at) {
        return {
          tone: "calm", sentence: t("Your appointment is at {time}.", { time: whenIs(view.appointment, names.zone, now) }),
          detail: t("Please say “I am here” when you arrive."), canCancel: true, canCheckIn: !view.provisional, waits: true
        };
      }
      const ahead = view.ahead || 0;
      return {
        tone: "calm", sentence: ahead === 0 ? t("You are next. Please stay near.") : t("Please wait. We call this number."),
        detail: detail(view), tiles: tiles(view, ahead), canCancel: true, canCheckIn: !view.checked_in_at && !view.provisional, waits: true,
        mayLeave: !view.checked_in_at
      };
    },
    called: (view) => {
      const counter = counterOf(view);
      return {
        tone: "called", sentence: t("Please go to counter {counter} now.", { counter: counter }), counter: counter,
        call: counter + " " + view.calls, waits: true
      };
    },
    serving: (view) => ({ tone: "paper", sentence: t("You are served at counter {counter}.", { counter: counterOf(view) }), waits: true }),
    parked: () => ({
      tone: "paper", sentence: t("Your ticket is on hold."),
      detail: t("Your place is kept. Please stay near: we call this number again."), waits: true
    }),
    completed: (view) => ({
      tone: "paper", sentence: t("Thank you for your visit."),
      detail: view.stars ? t("We have your answer. You can still change it today.") : "", canRate: true, isOver: true
    }),
    no_show: () => ({
      tone: "paper", sentence: t("We called this number and nobody came."),
      detail: t("Are you still here? Please tell our staff, or take a new ticket."), isOver: true
    }),
    cancelled: () => ({ tone: "paper", sentence: t("This place was given up."), isOver: true }),
    expired: () => ({
      tone: "paper", sentence: t("The day is over, and this ticket with it."),
      detail: t("We are sorry that it was not your turn. Please take a new ticket when we are open."), isOver: true
    }),
    refused: () => ({
      tone: "paper", sentence: t("The branch could not take this ticket."),
      detail: t("Please take a new ticket, or ask our staff. We are sorry."), isOver: true
    })
  };

  /** The ticket's face now, `now` in ms: as `Face` in faces.py. */
  function faceOf(view, names, now) {
    const isGiven = view.cancel_wanted && (view.status === "asked" || view.status === "waiting");
    const face = (isGiven ? FACES.cancelled : FACES[view.status] || FACES.asked)(view, names, now);
    face.number = view.number || "…";
    face.service = names.services[view.service] || "";
    face.isLive = view.live;
    face.live = face.isOver ? "" : view.live ? t("Live") : heard(view.heard_at, now);
    face.title = face.number + " · " + (face.counter || face.service);
    return Object.assign({ detail: "", counter: "", call: "", tiles: [] }, face);
  }

  // Into the page

  function digits(prefix, text) { return prefix + "n" + text.length; }
  function tile(pair) {
    const made = foleni.make("p", "tile"), figure = foleni.make("strong", pair[0].length > 6 ? "long" : "", pair[0]);
    made.appendChild(figure);
    made.appendChild(document.createTextNode(" "));
    made.appendChild(foleni.make("span", "", pair[1]));
    return made;
  }
  function sameTiles(box, pairs) {
    const said = Array.from(box.children).map((one) => one.textContent);
    return said.length === pairs.length && pairs.every((pair, at) => said[at] === pair[0] + " " + pair[1]);
  }
  /** Puts a face into the elements of ticket_face.html. */
  function draw(face) {
    const byId = foleni.byId, number = byId("number"), counter = byId("counter");
    if (document.body.className !== face.tone) { document.body.className = face.tone; }
    foleni.write(byId("service"), face.service);
    foleni.write(number.firstElementChild, face.number);
    number.className = digits("number ", face.number);
    byId("where").hidden = !face.counter;
    foleni.write(counter, face.counter);
    counter.className = "counter " + (face.counter.length > 6 ? "long" : "n" + face.counter.length);
    if (!sameTiles(byId("tiles"), face.tiles)) { foleni.fill(byId("tiles"), face.tiles.map(tile)); }
    byId("tiles").hidden = !face.tiles.length;
    foleni.write(byId("sentence"), face.sentence);
    foleni.write(byId("detail"), face.detail);
    byId("detail").hidden = !face.detail;
    foleni.write(byId("live-text"), face.live);
    byId("live").className = face.isLive ? "live" : "live off";
    byId("live").hidden = !face.live;
  }

  foleni.faceOf = faceOf;
  foleni.dayOf = dayOf;
  foleni.drawFace = draw;
}());
