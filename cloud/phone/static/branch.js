// A branch's services: their states and waits are looked up again while somebody reads.
(function () {
  "use strict";
  const t = foleni.t, tn = foleni.tn, list = foleni.byId("services"), zone = list.getAttribute("data-zone"), EVERY_MS = 20000;

  function told(service) {
    if (service.state === "open" && service.full) { return t("All numbers of today are given. Please come another day."); }
    if (service.state !== "open") { return service.reopens_at ? t("Open again at {time}.", { time: foleni.clock(service.reopens_at, zone) }) : service.reason || ""; }
    const waiting = tn("{count} person waits", "{count} people wait", service.waiting);
    return service.wait_p50_s !== null && service.wait_p50_s !== undefined ? waiting + " · " + foleni.wait(service.wait_p50_s) : waiting;
  }
  function state(service) {
    if (service.state === "open") { return service.full ? t("Closed") : t("Open"); }
    return service.state === "paused" ? t("Paused") : t("Closed");
  }
  function draw(service) {
    const card = list.querySelector('[data-service="' + service.id + '"]'), isOpen = service.state === "open" && !service.full;
    if (!card) { return; }
    card.className = isOpen ? "card" : "card off";
    card.querySelector(".state").className = isOpen ? "state" : "state off";
    foleni.write(card.querySelector(".state"), state(service));
    foleni.write(card.querySelector(".told"), told(service));
  }
  function look() {
    if (document.hidden) { return; }
    foleni.raw("GET", "/api/v1/branches/" + list.getAttribute("data-branch") + "/services").then((answer) => {
      answer.body.services.forEach(draw);
    }, () => null);
  }
  setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", look);
}());
