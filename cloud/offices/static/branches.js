// The branches of whoever is signed in: how they are now.

import { api, data, el, t, tn } from "/static/base/base.js";
import { closing, minutesSince, pick, pulse, span, tint } from "/static/offices/telling.js";

const by = (id) => document.getElementById(id);
const EVERY_MS = 10000;
let madeOne = false;

function figure(label, value, tone = "") {
  return el("div", { class: "figure-line" }, el("span", { class: "quiet", text: label }), el("strong", { class: tone, text: value }));
}

function card(branch) {
  const waited = branch.waiting_since ? minutesSince(branch.waiting_since) : null;
  return el("a", { class: "card branch", href: `/office/${branch.id}` },
    el("div", { class: "row spread" }, el("h2", { text: pick(branch.name) || branch.id }), pulse(branch)),
    el("p", { class: "quiet under", text: branch.organization_name }),
    el("div", { class: "big" }, el("strong", { class: "figure", text: String(branch.waiting) }), el("span", { text: tn("person waits", "people wait", branch.waiting) })),
    figure(t("Longest wait"), waited === null ? t("nobody waiting") : span(waited), waited === null ? "quiet" : `wait ${tint(waited)}`),
    figure(t("Counters open"), t("{open} of {all}", { open: branch.open_counters, all: branch.counters })),
    ...(branch.fault ? [el("p", { class: "note red", text: branch.fault })] : []));
}

function draw(told) {
  by("branches").replaceChildren(...told.branches.map(card));
  by("none").hidden = told.branches.length > 0;
  const away = told.branches.filter((one) => !one.live).length;
  const all = tn("{count} branch", "{count} branches", told.branches.length);
  by("sum").textContent = told.branches.length ? (away ? t("{all}, {away} not connected", { all, away }) : t("{all}, all connected", { all })) : "";
}

async function look() {
  if (!document.hidden) await api("GET", "/api/v1/staff/branches").then(draw).catch(() => {});
  setTimeout(look, EVERY_MS);
}

function making(button, dialog, make) {
  const box = by(dialog), form = by(`${dialog}-form`), fault = form.querySelector(".fault");
  by(button)?.addEventListener("click", () => { fault.hidden = true; form.reset(); box.showModal(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    fault.hidden = true;
    const submit = form.querySelector("[type=submit]");
    submit.disabled = true;
    try { await make(); box.close(); } catch (error) { fault.textContent = error.message; fault.hidden = false; } finally { submit.disabled = false; }
  });
}

making("found", "founding", async () => {
  await api("POST", "/api/v1/organizations", { id: by("o-id").value, name: by("o-name").value });
  location.reload();
});
making("add", "adding", async () => {
  const told = { id: by("b-id").value, organization: by("b-organization").value, name: by("b-name").value };
  const made = await api("POST", "/api/v1/branches", told);
  by("token-text").textContent = made.token.token;
  madeOne = true;
  by("token").showModal();
});
by("token").addEventListener("close", () => { by("token-text").textContent = ""; if (madeOne) location.reload(); });
closing();
draw(data("given"));
setTimeout(look, EVERY_MS);
