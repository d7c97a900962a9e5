// The second server: whether it has everything, and the press that hands over to it.
import { api, complain, data, sure, t } from "/static/base/base.js";

const BASE = "/api/v1/second-server";
const LOOK_MS = 3000;
const $ = (id) => document.getElementById(id);
let handing = false;

const STATES = {
  none: () => [t("There is no second server."), t("Add one as a device of the kind standby: docs/standby.md says how.")],
  ready: () => [t("The second server has everything."), t("It can take over at any moment.")],
  behind: () => [t("The second server is behind or away."), t("The queue goes on here. See that it has power and network.")],
  handing_over: () => [t("Handing over."), t("This takes a few seconds. Then the consoles are at the second server's address.")],
};

function show(told) {
  const [standing, meaning] = STATES[handing ? "handing_over" : told.state]();
  if ($("standing").textContent !== standing) $("standing").textContent = standing;
  $("meaning").textContent = meaning;
  $("where").textContent = told.other || "";
  $("hand-over").hidden = handing || told.state !== "ready";
}

$("hand-over").onclick = async () => {
  if (!(await sure(t("Hand over to the second server?"), t("The queue stands still for some seconds. No ticket is lost, and no number is left out."), t("Hand over"), { danger: false }))) return;
  try {
    await api("POST", `${BASE}/hand-over`);
    handing = true;
    show({ state: "ready", other: $("where").textContent });
  } catch (error) { complain(error); }
};
show(data("carried"));
const look = async () => {
  try { if (!document.hidden) show(await api("GET", BASE)); } catch { /* the band at the top says that the server is away */ }
  setTimeout(look, LOOK_MS);
};
setTimeout(look, LOOK_MS);
