// My tickets and settings: everything here comes from the API, in the name of whoever is signed in.
(function () {
  "use strict";
  const t = foleni.t, byId = foleni.byId, form = byId("settings"), CHANNELS = ["sms", "whatsapp", "email"];
  const places = {};
  let wishes = {};

  const here = foleni.known.open();
  function showHere() { foleni.fill(byId("here"), foleni.isSigned() ? [] : here.map(foleni.known.card)); }

  function trouble(error) {
    byId("trouble").textContent = error.message;
    byId("trouble").hidden = false;
  }
  function askIn() {
    byId("signed").hidden = true;
    byId("why").hidden = false;
    showHere();
    foleni.signIn("", () => { byId("why").hidden = true; foleni.step(""); open(); });
  }
  function failed(error) { if (error.status === 401) { askIn(); } else { trouble(error); } }

  // Tickets

  const ENDED = {
    completed: () => t("Served"), no_show: () => t("Called, nobody came"), cancelled: () => t("Given up"),
    expired: () => t("The day was over"), refused: () => t("Not taken")
  };
  function pick(texts) { return texts[foleni.language] || texts.en || texts[Object.keys(texts)[0]] || ""; }
  function nameOf(one) { return (places[one.branch] || { services: {} }).services[one.service] || one.service; }
  function placeOf(one) { return (places[one.branch] || { name: one.branch }).name; }
  /** Learns how a branch and its services are called; one that is no longer there keeps its id. */
  function learn(branch) {
    const path = "/api/v1/branches/" + branch;
    return Promise.all([foleni.raw("GET", path), foleni.raw("GET", path + "/services")]).then((both) => {
      const services = {};
      both[1].body.services.forEach((service) => { services[service.id] = pick(service.name); });
      places[branch] = { name: both[0].body.organization_name + " · " + pick(both[0].body.name), services: services };
    }, () => null);
  }
  function learnAll(told) {
    const ids = told.active.concat(told.history).map((one) => one.branch);
    return Promise.all(ids.filter((id, at) => ids.indexOf(id) === at).map(learn)).then(() => told);
  }
  function active(one) {
    return foleni.known.card({ token: one.token, view: one, heading: placeOf(one), names: { services: { [one.service]: nameOf(one) } } });
  }
  function past(one) {
    const item = foleni.make("li", "card mini off"), words = foleni.make("span");
    words.appendChild(foleni.make("strong", "", nameOf(one)));
    words.appendChild(foleni.make("span", "quiet", placeOf(one) + " · " + foleni.dayOf(one.joined_at) + " · " + (ENDED[one.status] ? ENDED[one.status]() : "")));
    item.appendChild(words);
    item.appendChild(foleni.make("b")).appendChild(foleni.make("bdi", "ltr", one.number || "–"));
    return item;
  }
  function tickets(told) {
    foleni.fill(byId("active"), told.active.map(active));
    foleni.fill(byId("history"), told.history.map(past));
    byId("none").hidden = told.active.length > 0;
    byId("past").hidden = !told.history.length;
  }

  // Settings

  function box(channel) { return form.querySelector('[type="checkbox"][name="' + channel + '"]'); }
  function settings(me) {
    byId("who").textContent = "\u2066" + (me.phone || "") + "\u2069";
    byId("name").value = me.name || "";
    byId("language").value = me.language || foleni.language;
    byId("email").value = me.email || "";
    wishes = Object.assign({ channels: ["sms", "push"] }, me.wishes);
    CHANNELS.forEach((channel) => { box(channel).checked = wishes.channels.indexOf(channel) >= 0; });
  }
  function changed() {
    const channels = CHANNELS.filter((channel) => box(channel).checked).concat(["push"]);
    return {
      name: byId("name").value.trim(), language: byId("language").value, email: byId("email").value.trim() || null,
      wishes: Object.assign({}, wishes, { channels: channels })
    };
  }
  function keep() {
    const button = form.querySelector("button"), fault = byId("settings-fault");
    button.disabled = true;
    fault.hidden = true;
    byId("settings-told").hidden = true;
    foleni.api("PATCH", "/api/v1/me", changed()).then(
      () => { button.disabled = false; byId("settings-told").hidden = false; },
      (error) => { button.disabled = false; fault.textContent = error.status === 422 ? t("Please look at the e-mail address again.") : error.message; fault.hidden = false; });
  }

  // Leaving

  function forgotten() {
    foleni.signed(null);
    foleni.known.forget();
    location.href = "/?lang=" + foleni.language;
  }
  function leave(path) {
    foleni.pushing.off().catch(() => null).then(() => foleni.api("POST", path)).then(forgotten, (error) => { if (error.status) { forgotten(); } else { trouble(error); } });
  }
  function ask(is) {
    byId("sure").hidden = !is;
    (is ? byId("sure").querySelector("h2") : byId("erase")).focus();
  }
  function erase() {
    foleni.pushing.off().catch(() => null).then(() => foleni.api("DELETE", "/api/v1/me")).then(forgotten, trouble);
  }

  function open() {
    Promise.all([foleni.api("GET", "/api/v1/me"), foleni.api("GET", "/api/v1/me/tickets").then((answer) => learnAll(answer.body))]).then((both) => {
      settings(both[0].body);
      tickets(both[1]);
      byId("trouble").hidden = true;
      byId("signed").hidden = false;
      foleni.pushing.offer(byId("push"), byId("push-told"));
    }, failed);
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); keep(); });
  byId("out").addEventListener("click", () => leave("/api/v1/auth/sign-out"));
  byId("out-all").addEventListener("click", () => leave("/api/v1/auth/sign-out-everywhere"));
  byId("erase").addEventListener("click", () => ask(true));
  byId("erase-no").addEventListener("click", () => ask(false));
  byId("erase-yes").addEventListener("click", erase);
  showHere();
  if (foleni.isSigned()) { open(); } else { askIn(); }
}());
