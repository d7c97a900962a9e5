// A phone number, then the code that went to it.
(function () {
  "use strict";
  const t = foleni.t, byId = foleni.byId, AGAIN_MS = 30000;
  const steps = ["join", "phone", "code"].map((name) => byId("step-" + name)).filter(Boolean);
  let number = "", done = null;

  function show(step) {
    steps.forEach((one) => { one.hidden = one.id !== "step-" + step; });
    const box = byId("step-" + step), head = box.querySelector("input") || box.querySelector("h2");
    if (head) { head.focus(); }
  }
  function fault(step, text) {
    const box = byId(step + "-fault");
    box.textContent = text || "";
    box.hidden = !text;
  }
  function waiting(form, is) { Array.from(form.querySelectorAll("button")).forEach((button) => { button.disabled = is; }); }

  /** As people write it at home, in the form that the world dials; empty where it is no number. */
  function dialled(text, code) {
    let digits = text.replace(/[^\d+]/g, "");
    if (digits.indexOf("00") === 0) { digits = "+" + digits.slice(2); }
    if (digits[0] !== "+") { digits = code ? "+" + code + digits.replace(/^0/, "") : ""; }
    return /^\+\d{8,15}$/.test(digits) ? digits : "";
  }
  function why(error) {
    if (error.status === 422) { return t("This is not a phone number that we can reach."); }
    if (error.status === 429) { return t("These are too many codes. Please wait some minutes."); }
    return error.message;
  }

  function request(form) {
    waiting(form, true);
    return foleni.raw("POST", "/api/v1/auth/otp/request", { phone: number, language: foleni.language }).then(
      () => {
        waiting(form, false);
        const sent = byId("sent-to");
        sent.textContent = sent.getAttribute("data-text").replace("{phone}", "\u2066" + number + "\u2069");
        byId("again").disabled = true;
        setTimeout(() => { byId("again").disabled = false; }, AGAIN_MS);
        byId("code").value = "";
        fault("code");
        show("code");
      },
      (error) => { waiting(form, false); fault(form.id.slice(5), why(error)); });
  }
  function verify() {
    const form = byId("step-code"), code = byId("code").value.replace(/\D/g, "");
    if (form.getAttribute("data-busy")) { return; }
    if (code.length !== 6) { fault("code", t("The code has 6 digits.")); return; }
    fault("code");
    form.setAttribute("data-busy", "yes");
    waiting(form, true);
    foleni.raw("POST", "/api/v1/auth/otp/verify", { phone: number, code: code, language: foleni.language }).then(
      (answer) => { free(form); foleni.signed(answer.body.access_token); done(); },
      (error) => {
        free(form);
        fault("code", error.status >= 400 && error.status < 429 ? t("This code is not right, or too old.") : why(error));
        byId("code").select();
      });
  }
  function free(form) { form.removeAttribute("data-busy"); waiting(form, false); }

  byId("step-phone").addEventListener("submit", (event) => {
    event.preventDefault();
    number = dialled(byId("phone").value, byId("phone").getAttribute("data-code"));
    if (!number) { fault("phone", t("Please write the number with its country code, such as +250 788 123 456.")); return; }
    fault("phone");
    request(byId("step-phone"));
  });
  byId("step-code").addEventListener("submit", (event) => { event.preventDefault(); verify(); });
  byId("code").addEventListener("input", () => { if (byId("code").value.replace(/\D/g, "").length === 6) { verify(); } });
  byId("again").addEventListener("click", () => request(byId("step-code")));
  byId("other").addEventListener("click", () => show("phone"));

  /** Leads through number and code, and calls `then` as soon as somebody is signed in. `code` is the country's calling code. */
  foleni.signIn = function (code, then) {
    const phone = byId("phone");
    done = then;
    phone.setAttribute("data-code", code || "");
    if (!phone.value && code) { phone.value = "+" + code + " "; }
    show("phone");
  };
  foleni.step = show;
}());
