// The board in a browser: places calls, panel and waiting table as large as the screen allows, blinks and speaks new calls.
// Written for browsers of 2014 and later: no module, no arrow, no fetch, no grid.
(function () {
  "use strict";
  var S = JSON.parse(document.getElementById("settings").textContent), sound = window.foleniSound;
  var plan = window.foleniPlan, wall = document.getElementById("wall"), hint = document.getElementById("sound");
  var heardBox = document.getElementById("heard");
  var TURN_MS = 10000, BLINK_MS = 6000, STEP_MS = 500, FRESH_MS = 60000, DEAF_MS = 25000, POLL_MS = 2000, ARROWS = ["\u2192", "\u2190"];
  var QUERY = "?lang=" + S.languages.join(",");
  var still = window.matchMedia && window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  var mirrored = S.words[S.languages[0]].rtl, begun = Date.now(), ahead = S.now - begun;
  var picture = null, seen = {}, linked = false, lastWord = 0, lostAt = null, revision = 0, drawn = "", laid = null, source = null, rows = [];

  function now() { return Date.now() + ahead; }
  function turn() { return Math.floor((Date.now() - begun) / TURN_MS); }
  function language() { return S.languages[turn() % S.languages.length]; }
  function live() { return linked && picture !== null && picture.live; }
  function isOurs(counter) { return !S.counters.length || S.counters.indexOf(counter) >= 0; }
  function keyOf(call) { return [call.number, call.counter, call.call, call.at].join("|"); }
  function filled(text, values) { return text.replace(/\{(\w+)\}/g, function (whole, name) { return name in values ? values[name] : whole; }); }
  function clock(at) {
    var there = new Date(at + (picture ? picture.offset_min : 0) * 60000), h = there.getUTCHours(), m = there.getUTCMinutes();
    return (h < 10 ? "0" : "") + h + ":" + (m < 10 ? "0" : "") + m;
  }

  // What is heard

  /** How long calls may have been missed; infinite where none was ever heard live. */
  function silence() { return live() ? 0 : lostAt === null ? Infinity : now() - lostAt; }

  function hear(told, silent) {
    if (told.page !== S.page) { window.location.reload(); return; }
    var before = seen, fresh = [], hands = {};
    seen = {};
    picture = told;
    revision++;
    picture.calls = told.calls.filter(function (call) { return isOurs(call.counter); });
    picture.recent = told.recent.filter(function (call) { return isOurs(call.counter); });
    picture.calls.forEach(function (call) {
      var key = keyOf(call), since = before[key];
      hands[call.number] = true;
      if (since === undefined && (silent <= FRESH_MS || Math.abs(now() - call.at) <= FRESH_MS)) { fresh.push(call); since = Date.now(); }
      seen[key] = since === undefined ? -Infinity : since;
    });
    sound.hands(hands);
    fresh.sort(function (a, b) { return a.at - b.at; }).forEach(tell);
    draw();
  }

  function tell(call) {
    var sentences = S.languages.map(function (language) {
      var words = { number: spelled(call.number), counter: /^[A-Z]{1,2}[0-9]+$/.test(call.label) ? spelled(call.label) : call.label };
      return { language: language, text: filled(S.words[language].call, words) };
    });
    heardBox.lang = S.languages[0];
    heardBox.textContent = filled(S.words[S.languages[0]].call, { number: call.number, counter: call.label });
    if (!S.mute) { sound.announce({ who: call.number, sentences: sentences }); }
  }
  /** Letter by letter: a voice would read A042 as forty-two. */
  function spelled(text) { return text.split("").join(" "); }

  // What is drawn

  function draw() {
    var said = language(), words = S.words[said], told = picture.words[said] || picture.words[Object.keys(picture.words)[0]];
    var facts = [said, turn(), live(), clock(now()), revision, window.innerWidth, window.innerHeight, sound.state()].join();
    blink();
    if (facts === drawn) { return; }
    drawn = facts;
    document.documentElement.lang = said;
    var recent = picture.recent.filter(function (call) { return !picture.calls.some(function (held) { return held.number === call.number; }); });
    var services = servicesShown(told), notice = told ? told.notice : ["", ""], foot = footer(words, told);
    laid = plan(window.innerWidth, window.innerHeight, {
      calls: picture.calls.length, recent: recent.length, services: services.length, notice: !!notice[0], foot: !!foot || isAsleep(), panel: !S.counters.length
    });
    wall.textContent = "";
    wall.className = live() ? "" : "dimmed";
    drawHeader(words, told);
    drawCalls(words, recent);
    if (laid.panel) { drawPanel(notice[0] ? notice : [words.welcome, told ? told.title : ""], !!notice[0]); }
    if (laid.table) { drawTable(words, services); }
    drawHint(words);
    if (laid.foot) { drawFoot(foot); }
    blink();
  }

  /** An element in a box of px; sides change places where the screen is read from the right. */
  function put(parent, kind, box, px, text, lines) {
    var made = document.createElement("div"), within = parent === wall ? window.innerWidth : parent.boxWidth;
    made.className = kind;
    made.boxWidth = box.w;
    made.style.left = (mirrored ? within - box.x - box.w : box.x) + "px";
    made.style.top = box.y + "px";
    made.style.width = box.w + "px";
    made.style.height = box.h + "px";
    parent.appendChild(made);
    if (text !== undefined) { write(made, text, px, lines || 1); }
    return made;
  }
  /** Words as large as their box allows, at most `px`. */
  function write(box, text, px, lines) {
    var words = document.createElement("span"), least = Math.min(px, laid.least * 0.72), high = box.clientHeight;
    words.textContent = text;
    words.dir = "auto";
    if (lines === 1) { words.className = "line"; }
    words.style.wordWrap = "normal"; // a smaller word rather than one in two pieces
    box.appendChild(words);
    for (var size = px; size >= least; size = Math.floor(size * 0.94)) {
      box.style.fontSize = size + "px";
      if (words.scrollWidth <= box.clientWidth + 1 && (lines === 1 || words.offsetHeight <= high + 1)) { return size; }
    }
    words.style.wordWrap = "";
    return size;
  }

  function drawHeader(words, told) {
    var is = live(), state = is ? words.serving : lostAt === null ? words.not_live : filled(words.not_live_since, { time: clock(lostAt) });
    var dot = laid.dot, line = put(wall, "state", laid.state);
    put(wall, "title", laid.title, laid.type(36), told ? told.title : "");
    line.innerHTML = "<i></i>";
    line.firstChild.className = is ? "dot" : "dot lost";
    line.firstChild.style.width = line.firstChild.style.height = dot + "px";
    var says = document.createElement("span");
    says.textContent = state;
    says.dir = "auto";
    line.appendChild(says);
    line.style.fontSize = laid.type(36) + "px";
    for (var px = laid.type(36); px > laid.least * 0.7 && line.scrollWidth > line.clientWidth + 1; px--) { line.style.fontSize = px + "px"; }
    put(wall, "clock", laid.clock, laid.type(48), clock(now()));
  }

  function drawCalls(words, recent) {
    rows = picture.calls.map(function (call, place) {
      var box = laid.rows[place], row = put(wall, "row" + (place === 0 ? " newest" : ""), box), lay = laid.inRow(box, place === 0);
      row.style.borderRadius = lay.radius + "px";
      if (lay.head) {
        put(row, "head", lay.head[0], lay.headPx, words.ticket);
        put(row, "head end", lay.head[1], lay.headPx, words.counter);
      }
      put(row, "number", lay.number, lay.px, call.number);
      put(row, "arrow", lay.arrow, Math.round(lay.px * 0.5), ARROWS[mirrored ? 1 : 0]);
      put(row, "number end", lay.counter, lay.px, call.label);
      row.key = keyOf(call);
      return row;
    });
    if (laid.empty) { drawEmpty(words); }
    if (laid.recentTitle && recent.length) {
      put(wall, "before", laid.recentTitle, laid.type(30), words.before);
      laid.recent.forEach(function (box, place) { drawRecent(box, recent[place]); });
    }
  }
  function drawRecent(box, call) {
    var row = put(wall, "row past", box), lay = laid.inRecent(box);
    row.style.borderRadius = lay.radius + "px";
    put(row, "number", lay.number, lay.px, call.number);
    put(row, "arrow", lay.arrow, Math.round(lay.px * 0.6), ARROWS[mirrored ? 1 : 0]);
    put(row, "number end", lay.counter, lay.px, call.label);
  }
  function drawEmpty(words) {
    var ours = picture.counters.filter(function (counter) { return S.counters.length > 0 && isOurs(counter.id); });
    var says = !live() && !picture.services.length ? words.no_branch : words.empty;
    if (ours.length === 1) { says = [words.counter + " " + ours[0].label, words[ours[0].state] || ""]; }
    var box = laid.empty, half = Math.round(box.h * 0.5), px = laid.type(ours.length === 1 ? 150 : 76);
    put(wall, "empty head", { x: box.x, y: box.y, w: box.w, h: half }, px, says[0], 2);
    put(wall, "empty", { x: box.x, y: box.y + half, w: box.w, h: box.h - half }, laid.type(38), says[1], 3);
  }
  function drawPanel(says, isNotice) {
    var panel = put(wall, "panel", laid.panel), lay = laid.inPanel(says[1].length);
    put(panel, isNotice ? "large" : "large calm", lay.large, laid.type(60), says[0], 5);
    if (says[1]) { put(panel, "small", lay.small, laid.type(34), says[1], 2); }
  }

  function servicesShown(told) {
    if (S.counters.length) { return []; }
    return picture.services.map(function (service, at) {
      return { id: service.id, state: service.state, next: service.next, waiting: service.waiting, name: told ? told.names[at] : service.id, about: told ? told.about[at] : "" };
    });
  }
  function drawTable(words, services) {
    var table = put(wall, "table", laid.table.box), cells = laid.table.cells, room = laid.table.room;
    var first = (turn() % Math.ceil(services.length / room)) * room;
    [words.waiting, words.next, words.people, words.about].forEach(function (word, at) {
      put(table, at ? "cell head end" : "cell head", cells(at, -1), laid.type(28), word);
    });
    services.slice(first, first + room).forEach(function (service, line) {
      put(table, "rule", { x: 0, y: cells(0, line).y, w: laid.table.box.w, h: 2 });
      put(table, "cell", cells(0, line), laid.table.px, service.name, 2);
      put(table, "cell end strong", cells(1, line), laid.table.px, service.next || "\u2013");
      put(table, "cell end strong", cells(2, line), laid.table.px, String(service.waiting));
      put(table, "cell end " + service.state, cells(3, line), Math.round(laid.table.px * (service.state === "paused" ? 0.84 : 1)), service.about);
    });
  }
  function footer(words, told) {
    if (!live()) { return words.missing; }
    var lines = told ? told.foot.slice() : [];
    if (!S.mute && sound.state() === "none") { lines.push(words.silent); }
    return lines.length ? lines[Math.floor(turn() / S.languages.length) % lines.length] : "";
  }
  function isAsleep() { return !S.mute && sound.state() === "asleep"; }
  function drawFoot(text) {
    var bar = put(wall, "foot", laid.foot), edge = laid.title.x, taken = hint.hidden ? 0 : hint.offsetWidth + edge;
    put(bar, "sentence", { x: edge, y: 0, w: laid.foot.w - 2 * edge - taken, h: laid.foot.h }, laid.type(36), text, 2);
  }
  function drawHint(words) {
    hint.hidden = !isAsleep();
    hint.textContent = words.sound;
    hint.style.fontSize = Math.max(16, Math.round(28 * laid.unit)) + "px";
    if (laid.foot) {
      hint.style.height = Math.min(laid.foot.h - 8, Math.max(48, laid.foot.h * 0.8)) + "px";
      hint.style.top = laid.foot.y + (laid.foot.h - hint.offsetHeight) / 2 + "px";
    }
  }
  /** A new call goes on and off once a second while it is new; the newest then stays lit. */
  function blink() {
    rows.forEach(function (row, place) {
      var age = Date.now() - seen[row.key], lit = age < BLINK_MS ? still || Math.floor(age / STEP_MS) % 2 === 0 : place === 0;
      var kind = "row" + (place === 0 ? " newest" : "") + (lit ? " lit" : "");
      if (row.className !== kind) { row.className = kind; }
    });
  }

  // The link to the branch

  function alive() { lastWord = Date.now(); linked = true; if (picture && picture.live) { lostAt = null; } }
  function lost() { if (live()) { lostAt = now(); } linked = false; draw(); }
  function take(text) {
    var told = JSON.parse(text), silent = silence();
    if (live() && !told.live) { lostAt = now(); }
    linked = true;
    hear(told, silent);
    alive();
  }
  function listen() {
    var current = source = new window.EventSource("/display/stream" + QUERY);
    current.addEventListener("board", function (event) { take(event.data); });
    current.addEventListener("beat", alive);
    current.addEventListener("time", function (event) { ahead = JSON.parse(event.data).now - Date.now(); alive(); });
    current.onerror = function () {
      current.close();
      lost();
      if (source === current) { source = null; setTimeout(look, 1000 + Math.random() * 1000); }
    };
  }
  /** One question and its answer: where there are no streams, or none is free. */
  function look() {
    var ask = new XMLHttpRequest();
    ask.open("GET", "/display/picture" + QUERY);
    ask.timeout = 8000;
    ask.onload = function () {
      if (ask.status !== 200) { lost(); setTimeout(look, POLL_MS); return; }
      var told = JSON.parse(ask.responseText);
      ahead = told.now - Date.now();
      take(ask.responseText);
      if (window.EventSource && !source) { listen(); } else { setTimeout(look, POLL_MS); }
    };
    ask.onerror = ask.ontimeout = function () { lost(); setTimeout(look, POLL_MS); };
    ask.send();
  }

  function touched() { if (!S.mute) { sound.wake(draw); } }
  document.addEventListener("click", touched);
  document.addEventListener("keydown", touched);
  window.addEventListener("resize", draw);
  setInterval(function () {
    if (source && Date.now() - lastWord > DEAF_MS) { source.close(); source = null; lost(); look(); }
    draw();
  }, 250);
  hear(S.picture, Infinity);
  if (window.EventSource) { listen(); } else { look(); }
}());
