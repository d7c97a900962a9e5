// A ticket's page follows its ticket, and calls its holder. Written for browsers of 2014 and later; without it the page works too.
(function () {
  "use strict";
  var W = JSON.parse(document.getElementById("words").textContent), sound = window.foleniSound, body = document.body;
  var url = "/t/" + body.getAttribute("data-token"), query = "?lang=" + document.documentElement.lang;
  var POLL_MS = 5000, DEAF_MS = 25000, TITLE_MS = 1000, BUZZ = [400, 200, 400, 200, 800];
  var call = body.getAttribute("data-call"), title = document.title, sentence = null;
  var source = null, lastWord = Date.now(), lostAt = null, blinking = null, lock = null, looking = null;

  function byId(id) { return document.getElementById(id); }
  function clock(at) { var h = at.getHours(), m = at.getMinutes(); return (h < 10 ? "0" : "") + h + ":" + (m < 10 ? "0" : "") + m; }

  // What comes from the branch

  function take(text) {
    var told = JSON.parse(text);
    lastWord = Date.now();
    if (told.gone) { window.location.reload(); return; }
    reach(told.live);
    title = told.title;
    renew("face", told.face, told.marks[0]);
    renew("acts", told.acts, told.marks[1]);
    if (sentence !== null && told.sentence !== sentence) { byId("said").textContent = told.sentence; }
    sentence = told.sentence;
    if (body.className !== told.tone) { body.className = told.tone; }
    if (told.call && told.call !== call) { ring(told.call); }
    if (!told.call) { calm(); }
    call = told.call;
    wakeHint();
  }
  /** Only what is another one is written, so that nothing typed and no place of the keyboard is lost. */
  function renew(part, html, mark) {
    var box = byId(part);
    if (box.getAttribute("data-mark") === mark) { return; }
    box.setAttribute("data-mark", mark);
    box.innerHTML = html;
  }

  function reach(is) {
    var box = byId("trouble");
    if (is) { if (lostAt) { lostAt = null; box.hidden = true; } return; }
    if (!lostAt) { lostAt = new Date(); }
    box.textContent = W.away.replace("{time}", clock(lostAt));
    box.hidden = false;
  }

  // A call

  function ring(now) {
    call = now;
    if (navigator.vibrate) { try { navigator.vibrate(BUZZ); } catch (e) { /* it stays quiet */ } }
    sound.announce({ who: now, sentences: [] });
    calm();
    var on = false;
    blinking = setInterval(function () { on = !on; document.title = on ? "\u25CF " + title : title; }, TITLE_MS);
  }
  function calm() { clearInterval(blinking); blinking = null; document.title = title; }
  function wakeHint() {
    var waits = body.className === "calm";
    byId("sound").hidden = !waits || sound.state() !== "asleep";
  }
  /** While the ticket waits the screen stays on, where the phone lets us. */
  function stayOn() {
    if (lock || !navigator.wakeLock || document.hidden || body.className !== "calm") { return; }
    lock = true;
    navigator.wakeLock.request("screen").then(function (held) { held.addEventListener("release", function () { lock = null; }); }, function () { lock = null; });
  }

  // The link

  function listen() {
    if (!window.EventSource) { look(); return; }
    var current = source = new window.EventSource(url + "/stream" + query);
    current.addEventListener("ticket", function (event) { take(event.data); });
    current.addEventListener("beat", function () { lastWord = Date.now(); });
    current.onerror = function () {
      current.close();
      if (source === current) { source = null; lookIn(1000 + Math.random() * 1000); }
    };
  }
  function look() {
    var ask = new XMLHttpRequest();
    clearTimeout(looking);
    ask.open("GET", url + "/picture" + query);
    ask.timeout = 8000;
    ask.onload = function () {
      if (ask.status === 404) { window.location.reload(); return; }
      if (ask.status !== 200) { later(); return; }
      take(ask.responseText);
      if (!window.EventSource) { lookIn(POLL_MS); } else if (!source) { listen(); }
    };
    ask.onerror = ask.ontimeout = later;
    ask.send();
  }
  /** However many reasons there are to look again, there is one next look. */
  function lookIn(ms) { clearTimeout(looking); looking = setTimeout(look, ms); }
  function later() { reach(false); lookIn(POLL_MS / 2); }

  // What the customer does

  function ask(open) {
    byId("sure").hidden = !open;
    byId("ask").parentNode.hidden = open;
    (open ? byId("sure").querySelector("h2") : byId("ask")).focus();
  }
  function fail(form, message) {
    var box = form.id === "rate" ? byId("fault") : byId("trouble");
    box.textContent = message;
    box.hidden = false;
  }
  function send(form) {
    var fields = form.id === "rate" ? rating(form) : "", request = new XMLHttpRequest(), button = form.querySelector("button");
    if (fields === null) { fail(form, W.stars); return; }
    button.disabled = true;
    request.open("POST", form.getAttribute("action"));
    request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.setRequestHeader("Accept", "application/json");
    request.timeout = 15000;
    request.onload = function () {
      var told = {};
      button.disabled = false;
      try { told = JSON.parse(request.responseText); } catch (e) { /* no words of ours */ }
      if (told.ok) {
        if (form.id === "rate") { byId("fault").hidden = true; } else if (!lostAt) { byId("trouble").hidden = true; }
        if (!source) { look(); }
        return;
      }
      fail(form, told.error && told.error.message || W.failed);
    };
    request.onerror = request.ontimeout = function () { button.disabled = false; fail(form, W.failed); };
    request.send(fields);
  }
  function rating(form) {
    var chosen = form.querySelector("input:checked");
    return chosen ? "stars=" + chosen.value + "&text=" + encodeURIComponent(byId("text").value) : null;
  }
  function light() {
    var chosen = document.querySelector("#rate input:checked"), stars = document.querySelectorAll("#rate .star");
    for (var at = 0; at < stars.length; at++) { stars[at].className = chosen && at < Number(chosen.value) ? "star lit" : "star"; }
  }

  document.addEventListener("click", function (event) {
    if (sound.state() === "asleep") { sound.wake(wakeHint); }
    stayOn();
    if (event.target.id === "ask") { event.preventDefault(); ask(true); }
    if (event.target.id === "keep") { event.preventDefault(); ask(false); }
  });
  document.addEventListener("submit", function (event) { event.preventDefault(); send(event.target); });
  document.addEventListener("change", light);
  document.addEventListener("visibilitychange", function () {
    stayOn();
    // A phone that was in the pocket has slept: what it shows may be old.
    if (!document.hidden && source) { source.close(); source = null; look(); }
  });
  setInterval(function () {
    if (source && Date.now() - lastWord > DEAF_MS) { source.close(); source = null; reach(false); look(); }
  }, 5000);
  stayOn();
  wakeHint();
  listen();
}());
