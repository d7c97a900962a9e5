// The chime and the browser's voice. Written for browsers of 2014 and later: no module, no arrow, no promise.
(function () {
  "use strict";
  var MOST = 60, LATE_MS = 90000, PATIENCE_MS = 15000;
  var TONES = [[659.26, 0], [523.25, 0.42]], PARTIALS = [[1, 1], [2, 0.22], [3.01, 0.08]], LENGTH_S = 1.6;
  var Context = window.AudioContext || window.webkitAudioContext;
  var voice = window.speechSynthesis && window.SpeechSynthesisUtterance ? window.speechSynthesis : null;
  var audio = null, waiting = [], inHand = {}, busy = false;

  if (Context) { try { audio = new Context(); } catch (e) { audio = null; } }

  /** "on", "asleep" (until somebody touches the page) or "none". */
  function state() {
    if (!audio) { return "none"; }
    return audio.state && audio.state !== "running" ? "asleep" : "on";
  }

  /** Called from a touch or a key: from now on this page may be heard. */
  function wake(done) {
    if (!audio) { return; }
    if (audio.resume) { audio.resume(); }
    var source = audio.createBufferSource();
    source.buffer = audio.createBuffer(1, 1, 22050);
    source.connect(audio.destination);
    source.start(0);
    audio.onstatechange = done;
    if (voice) { voice.getVoices(); }
    done();
  }

  /** Two soft tones, a falling major third, each struck and left to fade. */
  function chime(done) {
    var begins = audio.currentTime + 0.03;
    TONES.forEach(function (tone) {
      PARTIALS.forEach(function (partial) {
        var wave = audio.createOscillator(), gain = audio.createGain(), at = begins + tone[1];
        wave.frequency.value = tone[0] * partial[0];
        gain.gain.setValueAtTime(0.0001, at);
        gain.gain.exponentialRampToValueAtTime(0.3 * partial[1], at + 0.01);
        gain.gain.exponentialRampToValueAtTime(0.0001, begins + LENGTH_S);
        wave.connect(gain);
        gain.connect(audio.destination);
        wave.start(at);
        wave.stop(begins + LENGTH_S);
      });
    });
    setTimeout(done, LENGTH_S * 1000);
  }

  function voiceFor(language) {
    var voices = voice ? voice.getVoices() : [], found = null;
    for (var i = 0; i < voices.length; i++) {
      if (voices[i].lang.toLowerCase().replace("_", "-").split("-")[0] === language && (!found || voices[i].localService)) { found = voices[i]; }
    }
    return found;
  }

  /** Says a sentence where there is a voice for its language, and goes on in any case. */
  function speak(sentence, done) {
    var found = voiceFor(sentence.language), over = false, said, patience;
    function end() { if (!over) { over = true; clearTimeout(patience); done(); } }
    if (!found) { done(); return; }
    said = new window.SpeechSynthesisUtterance(sentence.text);
    said.voice = found;
    said.lang = found.lang;
    said.rate = 0.9;
    said.onend = said.onerror = end;
    // Some browsers never say that a sentence has ended.
    patience = setTimeout(function () { voice.cancel(); end(); }, PATIENCE_MS);
    voice.speak(said);
  }

  function sayAll(sentences, done) {
    if (!sentences.length) { done(); return; }
    speak(sentences[0], function () { sayAll(sentences.slice(1), done); });
  }

  function next() {
    var call;
    do { call = waiting.shift(); } while (call && !inHand[call.who] && Date.now() - call.heard > LATE_MS);
    if (!call) { busy = false; return; }
    busy = true;
    if (state() !== "on") { next(); return; }
    chime(function () { sayAll(call.sentences, next); });
  }

  /** A call to be heard after those that wait: `{who, sentences: [{language, text}]}`. Who is called again keeps the place. */
  function announce(call) {
    if (state() !== "on") { return; }
    call.heard = Date.now();
    for (var i = 0; i < waiting.length; i++) {
      if (waiting[i].who === call.who) { waiting[i] = call; return; }
    }
    if (waiting.length >= MOST) { makeRoom(); }
    waiting.push(call);
    if (!busy) { next(); }
  }

  function makeRoom() {
    var place = 0;
    while (place < waiting.length && inHand[waiting[place].who]) { place++; }
    waiting.splice(place < waiting.length ? place : 0, 1);
  }

  /** The tickets that are in hand now, as an object whose keys they are: their calls are never too late. */
  function hands(tickets) { inHand = tickets; }

  window.foleniSound = { state: state, wake: wake, announce: announce, hands: hands };
}());
