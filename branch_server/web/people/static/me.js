// A person's own page, and the choice of a PIN after a one-time code.

import { api, complain, sure, t, toast } from "/static/base/base.js";

const by = (id) => document.getElementById(id);
const fields = ["old", "new", "again"].map(by).filter(Boolean);
const form = by("new-pin");

function say(id, text) {
  const fault = by(`e-${id}`);
  fault.textContent = text;
  fault.hidden = !text;
  by(id).setAttribute("aria-invalid", text ? "true" : "false");
  if (text) by(id).focus();
}

function missing() {
  for (const field of fields) say(field.id, "");
  const empty = fields.find((field) => !field.value);
  if (empty) { say(empty.id, t("Please fill this in.")); return true; }
  if (by("new").value === by("again").value) return false;
  say("again", t("These two are not the same. Please type it once more."));
  by("again").value = "";
  return true;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (missing()) return;
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    await api("POST", "/api/v1/session/pin", { old: by("old")?.value || "", new: by("new").value });
  } catch (error) {
    if (error.code === "invalid") say("new", error.message);
    else if (by("old") && (error.code === "wrong_pin" || error.code === "too_many")) say("old", error.message);
    else complain(error);
    return;
  } finally {
    button.disabled = false;
  }
  if (!by("old")) { location.replace(location.href); return; }
  form.reset();
  toast(t("Your new PIN is saved. Wherever else you were signed in, that has ended."));
});

by("show").addEventListener("change", (event) => {
  for (const field of fields) field.type = event.target.checked ? "text" : "password";
});

by("language")?.addEventListener("change", async (event) => {
  try {
    await api("PUT", "/api/v1/session/language", { language: event.target.value });
    location.assign("/me");
  } catch (error) { complain(error); }
});

by("everywhere")?.addEventListener("click", async () => {
  const is = await sure(t("Sign out everywhere?"), t("All windows in which you are signed in go to the sign-in page, this one too. Your counter stays as it is."), t("Sign out everywhere"));
  if (!is) return;
  try {
    await api("POST", "/api/v1/session/sign-out-everywhere", {});
    location.assign("/sign-in");
  } catch (error) { complain(error); }
});
