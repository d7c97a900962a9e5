// What every phone page has: words, times, the API, what this phone remembers, and the service worker.
(function () {
  "use strict";
  const W = window.foleniWords || { language: "en", texts: {}, forms: "" }, MINUTE_S = 60, HOUR_MIN = 60, ANSWER_MS = 20000;
  let access = null, refreshing = null;

  // Words

  function filled(text, values) { return text.replace(/\{(\w+)\}/g, (all, name) => (values && name in values ? values[name] : all)); }
  function t(msgid, values) { const text = W.texts[msgid]; return filled(typeof text === "string" ? text : msgid, values); }
  function tn(one, many, count, values) {
    const forms = W.texts[one], known = Array.isArray(forms) ? forms[Number(W.forms[count < 200 ? count : 100 + count % 100])] : null;
    return filled(known || (count === 1 ? one : many), Object.assign({ count: count }, values));
  }
  function span(minutes) {
    const hours = Math.floor(minutes / HOUR_MIN), rest = minutes % HOUR_MIN;
    const short = tn("{count} min", "{count} min", rest), long = tn("{count} h", "{count} h", hours);
    if (!hours) { return short; }
    return rest ? t("{hours} {minutes}", { hours: long, minutes: short }) : long;
  }
  /** Seconds as `18 min`; whole minutes, rounded up. */
  function wait(seconds) { return seconds < MINUTE_S ? t("at once") : span(Math.max(1, Math.ceil(seconds / MINUTE_S))); }
  /** `10:42` on the clocks in `zone`, else on this phone's. */
  function clock(when, zone) {
    const at = when instanceof Date ? when : new Date(when), form = { hour: "2-digit", minute: "2-digit", hour12: false };
    if (zone) { try { return at.toLocaleTimeString("en-GB", Object.assign({ timeZone: zone }, form)); } catch (e) { /* its own then */ } }
    return at.toLocaleTimeString("en-GB", form);
  }

  // What this phone remembers; a full or closed memory is no reason to stop.

  function recall(name, otherwise) {
    try { const kept = localStorage.getItem("foleni." + name); return kept === null ? otherwise : JSON.parse(kept); } catch (e) { return otherwise; }
  }
  function remember(name, value) {
    try {
      if (value === null) { localStorage.removeItem("foleni." + name); } else { localStorage.setItem("foleni." + name, JSON.stringify(value)); }
    } catch (e) { /* then not */ }
  }
  function uuid() {
    const bytes = Array.from(crypto.getRandomValues(new Uint8Array(16)));
    bytes[6] = bytes[6] & 15 | 64;
    bytes[8] = bytes[8] & 63 | 128;
    const hex = bytes.map((byte) => (byte + 256).toString(16).slice(1)).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  // The API

  function refusal(status, body) {
    const told = body && body.error || {}, error = new Error(told.message || t("This could not be sent. Please try again."));
    error.status = status;
    error.code = told.code || "";
    error.told = told;
    return error;
  }
  function raw(method, path, body, headers) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(refusal(0, null)), ANSWER_MS), told = Object.assign({ Accept: "application/json" }, headers);
      if (body !== undefined && body !== null) { told["Content-Type"] = "application/json"; }
      fetch(path, { method: method, headers: told, credentials: "same-origin", cache: "no-store", body: body ? JSON.stringify(body) : undefined })
        .then((answer) => answer.text().then((text) => {
          let given = null;
          try { given = text ? JSON.parse(text) : null; } catch (e) { /* no words of ours */ }
          if (answer.ok) { resolve({ status: answer.status, body: given }); } else { reject(refusal(answer.status, given)); }
        }))
        .catch(() => reject(refusal(0, null)))
        .then(() => clearTimeout(late));
    });
  }
  /** Asks for a new pass with the cookie that no script can read; one request for all who wait for it. */
  function renew() {
    if (!refreshing) {
      refreshing = raw("POST", "/api/v1/auth/refresh").then(
        (answer) => { access = answer.body.access_token; refreshing = null; },
        (error) => { refreshing = null; if (error.status === 401) { signed(null); } throw error; });
    }
    return refreshing;
  }
  function signed(token) { access = token; remember("signed", token ? true : null); }
  /** An answer `{status, body}` in the name of whoever is signed in. Rejects with `status`, `code`, `message`, `told`. */
  function asking(method, path, body, headers) {
    const once = () => raw(method, path, body, Object.assign({ Authorization: "Bearer " + access }, headers));
    if (!access) { return recall("signed") ? renew().then(once) : Promise.reject(refusal(401, { error: { code: "not_signed_in" } })); }
    return once().catch((error) => { if (error.status !== 401) { throw error; } return renew().then(once); });
  }

  // The page

  function byId(id) { return document.getElementById(id); }
  /** Writes only what is another one, so that a screen reader is not told the same again. */
  function write(element, text) { if (element && element.textContent !== text) { element.textContent = text; } }
  function make(name, className, text) {
    const made = document.createElement(name);
    if (className) { made.className = className; }
    if (text !== undefined) { made.textContent = text; }
    return made;
  }
  /** Fills a list; an element says what is there, whatever letters it has. */
  function fill(list, elements) {
    while (list.firstChild) { list.removeChild(list.firstChild); }
    elements.forEach((element) => list.appendChild(element));
  }
  function data(id) { const box = byId(id); return box ? JSON.parse(box.textContent) : null; }

  function work() {
    if (!navigator.serviceWorker) { return; }
    navigator.serviceWorker.register("/sw.js").then(() => navigator.serviceWorker.ready).then((ready) => {
      if (recall("language") !== W.language && ready.active) { ready.active.postMessage("language"); }
      remember("language", W.language);
    }).catch(() => null);
  }

  window.foleni = {
    t: t, tn: tn, wait: wait, clock: clock, recall: recall, remember: remember, uuid: uuid, raw: raw, api: asking, signed: signed,
    isSigned: () => Boolean(recall("signed")), byId: byId, write: write, make: make, fill: fill, data: data, language: W.language
  };
  if (document.readyState === "complete") { work(); } else { window.addEventListener("load", work); }
}());
