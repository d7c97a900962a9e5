// Who works for the branches, and what they may do there.

import { api, complain, data, el, sure, t, toast } from "/static/base/base.js";
import { closing, minutesSince, pick, span } from "/static/offices/telling.js";

const by = (id) => document.getElementById(id);
const { places } = data("given");
let people = data("given").people;
const ROLES = {
  staff: [() => t("Staff"), () => t("Sees the queue, calls the next, skips who is not there.")],
  manager: [() => t("Manager"), () => t("Also pauses services, sees reports and the audit log, and gives the role of staff.")],
  admin: [() => t("Administrator"), () => t("Everything, also branches, tokens and managers.")],
};

function nameOf(place) {
  if (!place.organization) return t("Everywhere");
  const known = places.find((one) => one.organization === place.organization && one.branch === place.branch);
  const name = typeof known?.name === "string" ? known.name : pick(known?.name);
  return place.branch ? name || place.branch : t("{organization}, all branches", { organization: name || place.organization });
}

function line(one) {
  const who = el("td", {}, el("strong", { text: one.name || "–" }), el("span", { class: "under" }, el("bdi", { class: "ltr", text: one.phone || "" })));
  const take = el("button", { type: "button", "aria-label": t("Take the role of {name}", { name: one.name || one.phone || "" }), text: t("Take the role"), onclick: () => withdraw(one) });
  return el("tr", {}, who, el("td", { text: ROLES[one.role][0]() }), el("td", { text: nameOf(one) }),
    el("td", { class: "quiet", text: t("{span} ago", { span: span(minutesSince(one.seen_at)) }) }), el("td", { class: "num" }, take));
}

function draw() {
  by("people").replaceChildren(...people.map(line));
  by("table").hidden = !people.length;
  by("nobody").hidden = people.length > 0;
}

async function withdraw(one) {
  const is = await sure(t("Take the role?"), t("{name} can do nothing more there, from now on.", { name: one.name || one.phone || "" }), t("Take the role"));
  if (!is) return;
  try {
    await api("DELETE", `/api/v1/people/roles/${one.id}`);
    people = people.filter((other) => other.id !== one.id);
    draw();
  } catch (error) { complain(error); }
}

function choose() {
  const roles = places[Number(by("place").value)]?.roles || [];
  const before = by("role").value;
  by("role").replaceChildren(...roles.map((role) => el("option", { value: role, text: ROLES[role][0]() })));
  if (roles.includes(before)) by("role").value = before;
  explain();
}
function explain() { by("h-role").textContent = ROLES[by("role").value]?.[1]() || ""; }

by("place").replaceChildren(...places.map((place, index) => el("option", { value: index, text: nameOf(place) })));
by("place").addEventListener("change", choose);
by("role").addEventListener("change", explain);
by("add").addEventListener("click", () => { by("adding-form").reset(); by("adding-form").querySelector(".fault").hidden = true; choose(); by("adding").showModal(); });
by("adding-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const place = places[Number(by("place").value)], fault = by("adding-form").querySelector(".fault");
  fault.hidden = true;
  try {
    const made = await api("POST", "/api/v1/people", {
      phone: by("phone").value, name: by("name").value.trim(), role: by("role").value,
      ...(place.organization ? { organization: place.organization } : {}), ...(place.branch ? { branch: place.branch } : {}),
    });
    people = [...people.filter((one) => one.id !== made.id), made];
    draw();
    by("adding").close();
    toast(t("Done. They sign in with this phone."));
  } catch (error) {
    fault.textContent = error.code === "invalid" ? t("Please write the number with its country code, such as +250 788 123 456.") : error.message;
    fault.hidden = false;
  }
});
closing();
draw();
