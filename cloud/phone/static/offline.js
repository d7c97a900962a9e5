// No network: the ticket as this phone last knew it, and since when.
(function () {
  "use strict";
  const t = foleni.t, byId = foleni.byId, asked = /^\/t\/([^/]+)$/.exec(location.pathname);

  function last() {
    const all = foleni.known.all(), open = foleni.known.open();
    const mine = asked ? all.filter((one) => encodeURIComponent(one.token) === asked[1])[0] : null;
    return mine || open[0] || null;
  }
  const known = last();
  if (known) {
    const face = foleni.faceOf(known.view, known.names, known.heard);
    face.isLive = false;
    face.live = t("As it was at {time}", { time: foleni.clock(new Date(known.heard)) });
    foleni.drawFace(face);
    foleni.write(byId("heading"), known.heading);
    byId("nothing").hidden = true;
    byId("last").hidden = false;
  }
  byId("retry").addEventListener("click", () => location.reload());
  window.addEventListener("online", () => location.reload());
}());
