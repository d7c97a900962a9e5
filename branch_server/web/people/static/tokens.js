// Tokens of integrations: made, shown once, revoked.

import { api, clock, complain, data, el, language, setZone, sure, t, toast } from "/static/base/base.js";

const by = (id) => document.getElementById(id);
const given = data("given");
let { tokens } = given;
setZone(given.zone);

const day = (when) => new Intl.DateTimeFormat(`${language}-u-nu-latn`, { dateStyle: "medium", timeZone: given.zone }).format(new Date(when));
const scopeName = (scope) => given.scopes.find(([id]) => id === scope)?.[1] || scope;

async function refresh() {
  ({ tokens } = await api("GET", "/api/v1/tokens"));
  show();
}

function validity(token) {
  if (token.state === "revoked") return [el("span", { class: "chip grey", text: t("revoked") })];
  if (token.state === "over") return [el("span", { class: "chip grey", text: t("over since {day}", { day: day(token.ends_at) }) })];
  // The end is the first instant after the last valid day.
  return [el("span", { class: "chip", text: token.ends_at ? t("until {day}", { day: day(Date.parse(token.ends_at) - 1000) }) : t("until it is revoked") })];
}

function row(token) {
  const used = token.used_at ? `${day(token.used_at)}, ${clock(token.used_at)}` : t("never");
  const revoke = el("button", { type: "button", text: t("Revoke"), "aria-label": `${t("Revoke")}: ${token.name}`, onclick: () => askRevoke(token) });
  return el("tr", { "data-token": token.id },
    el("td", {}, el("span", { class: "people-name", text: token.name }), el("span", { class: "people-under", text: t("made by {name}, {day}", { name: token.made_by, day: day(token.made_at) }) })),
    el("td", { text: token.scopes.map(scopeName).join(", ") }),
    el("td", {}, ...validity(token)),
    el("td", { text: used, "data-label": t("Last used") }),
    el("td", {}, el("div", { class: "people-acts" }, ...(token.state === "valid" ? [revoke] : []))));
}

function show() {
  by("tokens").replaceChildren(...tokens.map(row));
  by("tokens").closest("table").hidden = !tokens.length;
  by("none").hidden = tokens.length > 0;
}

const fault = (id, text) => { by(id).textContent = text; by(id).hidden = !text; };

function open() {
  by("make-form").reset();
  for (const id of ["e-name", "e-scopes", "e-until", "e-form"]) fault(id, "");
  by("make").showModal();
  by("name").focus();
}

async function make() {
  const name = by("name").value.trim();
  const scopes = [...document.querySelectorAll("[name=scope]:checked")].map((box) => box.value);
  fault("e-name", name ? "" : t("Please say what it is for."));
  fault("e-scopes", scopes.length ? "" : t("Choose at least one."));
  if (!name || !scopes.length) return;
  const button = by("make-form").querySelector("[type=submit]");
  button.disabled = true;
  try {
    const told = await api("POST", "/api/v1/tokens", { name, scopes, until: by("until").value || null });
    by("make").close();
    by("text-title").textContent = told.token.name;
    by("text-text").textContent = told.text;
    by("text").showModal();
    await refresh();
  } catch (error) {
    fault("e-form", error.message);
  } finally {
    button.disabled = false;
  }
}

async function askRevoke(token) {
  const is = await sure(t("Revoke {name}?", { name: token.name }), t("The program that uses this token is shut out at once. This cannot be taken back; a new token can be made."), t("Revoke"));
  if (!is) return;
  try {
    await api("DELETE", `/api/v1/tokens/${token.id}`);
    await refresh();
    toast(t("{name} is revoked.", { name: token.name }));
  } catch (error) { complain(error); }
}

by("add").addEventListener("click", open);
by("make-cancel").addEventListener("click", () => by("make").close());
by("make-form").addEventListener("submit", (event) => { event.preventDefault(); make(); });
// What is shown once is not there any more afterwards.
by("text").addEventListener("close", () => { by("text-text").textContent = ""; });
by("text-done").addEventListener("click", () => by("text").close());
by("text-copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(by("text-text").textContent);
    toast(t("Copied."));
  } catch { toast(t("This browser does not let us copy. Please select the text."), { kind: "trouble" }); }
});
show();
