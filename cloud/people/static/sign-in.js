// A phone number, then the code that was sent to it.

import { data, raw, language, t } from "/static/base/base.js";

const by = (id) => document.getElementById(id);
const onward = data("given").next;
let phone = "";

function fault(id, text) {
  by(`e-${id}`).textContent = text;
  by(`e-${id}`).hidden = !text;
  by(id).setAttribute("aria-invalid", text ? "true" : "false");
  if (text) by(id).focus();
}

function step(name) {
  by("step-phone").hidden = name !== "phone";
  by("step-code").hidden = name !== "code";
  by(name).focus();
}

const WORDS = {
  invalid: () => t("Please write the number with its country code, such as +250 788 123 456."),
  too_many: () => t("These are too many. Please wait some minutes."),
  wrong_code: () => t("This is not the code that was sent last, or it is too old."),
};
const why = (error) => (WORDS[error.code] ? WORDS[error.code]() : error.message);

async function send(form) {
  const button = form.querySelector(".main");
  button.disabled = true;
  try {
    await raw("POST", "/api/v1/auth/otp/request", { phone, language });
    by("sent-to").textContent = phone;
    by("code").value = "";
    fault("code", "");
    step("code");
  } catch (error) {
    fault(form.id.slice(5), why(error));
  } finally {
    button.disabled = false;
  }
}

by("step-phone").addEventListener("submit", (event) => {
  event.preventDefault();
  phone = by("phone").value.replace(/[^\d+]/g, "").replace(/^00/, "+");
  fault("phone", /^\+\d{7,15}$/.test(phone) ? "" : WORDS.invalid());
  if (by("e-phone").hidden) send(by("step-phone"));
});

by("step-code").addEventListener("submit", async (event) => {
  event.preventDefault();
  const code = by("code").value.replace(/\D/g, ""), button = by("step-code").querySelector(".main");
  fault("code", code.length === 6 ? "" : t("The code has 6 digits."));
  if (code.length !== 6 || button.disabled) return;
  button.disabled = true;
  try {
    await raw("POST", "/api/v1/auth/otp/verify", { phone, code, language });
    location.assign(onward);
  } catch (error) {
    fault("code", why(error));
    button.disabled = false;
  }
});

by("other").addEventListener("click", () => step("phone"));
by("again").addEventListener("click", () => send(by("step-code")));
by("phone").focus();

// A link from another site brings no cookie along with it; this page's own question does.
if (document.referrer === "" || !document.referrer.startsWith(location.origin)) {
  raw("POST", "/api/v1/auth/refresh").then(() => location.replace(onward)).catch(() => {});
}
