// A ticket's page follows its ticket: by a stream, and where that does not hold by asking again and again.
(function () {
  "use strict";
  const t = foleni.t, byId = foleni.byId, given = foleni.data("ticket"), status = "/api/v1/tickets/" + encodeURIComponent(given.token) + "/status";
  const stream = status.replace(/status$/, "stream"), POLL_MS = 10000, MOST_MS = 60000, DEAF_MS = 40000, TITLE_MS = 1000;
  const BUZZ = [400, 200, 400, 200, 800], TRIES = 3, AGAIN_MS = 120000;
  let view = given.view, call = "", source = null, asking = null, heard = Date.now(), lostAt = null, fails = 0, silent = 0, triedAt = 0;
  let blinking = null, lock = null, sentence = "", over = false;
  const watchers = [];

  function take(told) {
    view = told;
    heard = Date.now();
    fails = 0;
    reach(true);
    foleni.known.keep({ token: given.token, heading: given.heading, view: view, names: given.names, heard: heard });
    draw();
    if (over) { stop(); }
  }
  function draw() {
    const face = foleni.faceOf(view, given.names, Date.now());
    over = Boolean(face.isOver);
    foleni.drawFace(face);
    // A screen reader is told what changes, not what it has just read.
    if (sentence && face.sentence !== sentence) { foleni.write(byId("said"), face.number + ". " + face.sentence); }
    sentence = face.sentence;
    if (face.call && face.call !== call && call !== "first") { ring(face); }
    if (!face.call) { calm(face.title); }
    call = face.call;
    watchers.forEach((watcher) => watcher(view, face, heard));
    stayOn();
  }

  // A call

  function ring(face) {
    let on = false;
    if (navigator.vibrate) { try { navigator.vibrate(BUZZ); } catch (e) { /* it stays quiet */ } }
    foleni.sound.chime();
    calm(face.title);
    blinking = setInterval(() => { on = !on; document.title = on ? "\u25CF " + face.title : face.title; }, TITLE_MS);
  }
  function calm(title) {
    clearInterval(blinking);
    blinking = null;
    if (document.title !== title) { document.title = title; }
  }
  /** While the ticket waits the screen stays on, where the phone lets us. */
  function stayOn() {
    if (lock || over || document.hidden || !navigator.wakeLock) { return; }
    lock = true;
    navigator.wakeLock.request("screen").then((held) => held.addEventListener("release", () => { lock = null; }), () => { lock = null; });
  }

  // The link

  function reach(is) {
    const band = byId("trouble");
    if (is) { if (lostAt) { lostAt = null; band.hidden = true; delete document.body.dataset.unheard; } return; }
    // The last that was heard of the branch is no longer true of now.
    document.body.dataset.unheard = "yes";
    lostAt = lostAt || new Date(heard);
    foleni.write(band, t("This page is not live since {time}. Your place is kept.", { time: foleni.clock(lostAt) }));
    band.hidden = false;
  }
  function close() { if (source) { source.close(); source = null; } }
  function stop() { close(); clearTimeout(asking); }
  function listen() {
    close();
    triedAt = Date.now();
    const current = source = new EventSource(stream);
    current.addEventListener("status", (event) => { silent = 0; take(JSON.parse(event.data)); });
    current.addEventListener("beat", () => { heard = Date.now(); reach(true); });
    current.onerror = () => { if (source === current) { silent += 1; close(); later(1000 + Math.random() * 2000); } };
  }
  function mayListen() { return window.EventSource && (silent < TRIES || Date.now() - triedAt > AGAIN_MS); }
  function look() {
    clearTimeout(asking);
    foleni.raw("GET", status).then(
      (answer) => {
        take(answer.body);
        if (over) { return; }
        if (mayListen()) { listen(); } else { later(POLL_MS); }
      },
      (error) => {
        if (error.status === 404) { location.reload(); return; }
        fails += 1;
        reach(false);
        later(Math.min(MOST_MS, POLL_MS * Math.pow(1.5, fails - 1)));
      });
  }
  function later(ms) { clearTimeout(asking); if (!over) { asking = setTimeout(look, ms); } }

  setInterval(() => {
    if (over) { return; }
    draw();
    if (source && Date.now() - heard > DEAF_MS) { close(); look(); }
  }, POLL_MS);
  document.addEventListener("visibilitychange", () => {
    // A phone that was in the pocket has slept: what it shows may be old.
    if (!document.hidden && !over) { close(); look(); }
  });
  window.addEventListener("online", () => { if (!over) { close(); look(); } });
  window.addEventListener("offline", () => { if (!over) { close(); reach(false); later(POLL_MS); } });

  /** `watch(watcher)` calls it with (view, face, heard in ms) now and after each change; `take` is told of a newer view. */
  foleni.ticket = {
    token: given.token, take: take, look: look,
    watch: (watcher) => { watchers.push(watcher); watcher(view, foleni.faceOf(view, given.names, Date.now()), heard); }
  };
  call = "first";
  take(view);
  if (!over) { if (window.EventSource) { listen(); } else { later(POLL_MS); } }
}());
