// The first page: this phone's own tickets, and the branches near it.
(function () {
  "use strict";
  const t = foleni.t, byId = foleni.byId, near = byId("near"), fault = byId("near-fault"), PATIENCE_MS = 20000;

  const open = foleni.known.open();
  if (open.length) {
    foleni.fill(byId("mine-list"), open.map(foleni.known.card));
    byId("mine").hidden = false;
  }

  function failed(text) {
    near.disabled = false;
    fault.textContent = text;
    fault.hidden = false;
  }
  near.hidden = !navigator.geolocation;
  near.addEventListener("click", () => {
    near.disabled = true;
    fault.hidden = true;
    navigator.geolocation.getCurrentPosition(
      // A hundred metres are near enough; nobody needs to know the house.
      (place) => { location.href = "/?lat=" + place.coords.latitude.toFixed(3) + "&lon=" + place.coords.longitude.toFixed(3); },
      (error) => failed(error.code === 1 ? t("Your phone may not tell us where it is. Please search by name.") : t("Your phone does not know where it is just now. Please search by name.")),
      { timeout: PATIENCE_MS, maximumAge: 300000 });
  });
}());
