// A branch's settings in the cloud: where it is, and the tokens that it comes with.

import { api, busy, data, el, sure, t, toast } from "/static/base/base.js";
import { closing, minutesSince, span } from "/static/offices/telling.js";

const by = (id) => document.getElementById(id);
const given = data("given");
const base = `/api/v1/branches/${given.branch}`;
const form = by("place"), fault = form.querySelector(".fault");
const decimal = (id) => (by(id).value.trim() ? Number(by(id).value.trim().replace(",", ".")) : null);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  fault.hidden = true;
  const body = { address: by("address").value.trim(), latitude: decimal("latitude"), longitude: decimal("longitude"), code: Number(by("code").value), near_ahead: Number(by("near_ahead").value) };
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    if (Object.values(body).some((value) => Number.isNaN(value))) throw new Error(t("Latitude, longitude and the other figures are numbers."));
    await api("PATCH", base, body);
    toast(t("Saved."));
  } catch (error) {
    fault.textContent = error.message;
    fault.hidden = false;
  } finally {
    button.disabled = false;
  }
});

function state(token) {
  if (token.revoked_at) return el("span", { class: "chip grey", text: t("revoked") });
  if (token.expires_at && Date.parse(token.expires_at) < Date.now()) return el("span", { class: "chip grey", text: t("over") });
  if (token.expires_at) return el("span", { class: "chip amber", text: t("good for {span} more", { span: span(Math.max(0, Math.floor((Date.parse(token.expires_at) - Date.now()) / 60000))) }) });
  return el("span", { class: "chip", text: t("good") });
}

function line(token) {
  const used = token.last_used_at ? t("used {span} ago", { span: span(minutesSince(token.last_used_at)) }) : t("never used");
  const words = el("div", {}, el("strong", { text: t("made {span} ago", { span: span(minutesSince(token.created_at)) }) }), el("span", { class: "under", text: used }));
  const row = el("div", { class: "row spread" }, words, state(token));
  const isGood = !token.revoked_at && !(token.expires_at && Date.parse(token.expires_at) < Date.now());
  if (isGood) row.append(el("button", { type: "button", text: t("Revoke"), onclick: () => revoke(token) }));
  return row;
}

async function draw() {
  const told = await busy(by("make"), () => api("GET", `${base}/tokens`));
  if (told) by("tokens").replaceChildren(...(told.tokens.length ? told.tokens.map(line) : [el("p", { class: "empty", text: t("No token yet. Without one the branch cannot reach the cloud.") })]));
}

async function revoke(token) {
  const is = await sure(t("Revoke this token?"), t("A branch server that uses it is shut out within a second. It goes on serving, without the cloud."), t("Revoke"));
  if (!is) return;
  await busy(by("make"), () => api("DELETE", `${base}/tokens/${token.id}`));
  draw();
}

by("make")?.addEventListener("click", async () => {
  const made = await busy(by("make"), () => api("POST", `${base}/tokens`));
  if (!made) return;
  by("token-text").textContent = made.token;
  by("token").showModal();
  draw();
});
by("token").addEventListener("close", () => { by("token-text").textContent = ""; });
closing();
if (given.may_tokens) draw();
