// A chime when the number is called, once somebody has touched the page: no browser plays a sound before.
(function () {
  "use strict";
  const Context = window.AudioContext || window.webkitAudioContext, NOTES = [[659.26, 0], [523.25, 0.4], [659.26, 1], [523.25, 1.4]];
  let audio = null;

  /** Whether a chime can be heard from now on. */
  function isOn() { return Boolean(audio) && audio.state === "running"; }
  function wake() {
    if (!Context) { return; }
    try {
      audio = audio || new Context();
      if (audio.resume) { audio.resume(); }
    } catch (e) { audio = null; }
  }
  function strike(hz, at) {
    const wave = audio.createOscillator(), gain = audio.createGain(), from = audio.currentTime + at;
    wave.frequency.value = hz;
    gain.gain.setValueAtTime(0.0001, from);
    gain.gain.exponentialRampToValueAtTime(0.35, from + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, from + 0.9);
    wave.connect(gain);
    gain.connect(audio.destination);
    wave.start(from);
    wave.stop(from + 1);
  }
  function chime() { if (isOn()) { NOTES.forEach((note) => strike(note[0], note[1])); } }

  foleni.sound = { canBe: Boolean(Context), isOn: isOn, wake: wake, chime: chime };
}());
