// The report below its form: fetched as it is asked for, with the address always telling what is shown.
import { language, t } from "/static/base/base.js";

const form = document.getElementById("asked");
const report = document.getElementById("report");
const fault = document.getElementById("asked-fault");
let running = null;

const asked = () => new URLSearchParams([...new FormData(form)].filter(([, value]) => value));

/** Marks the usual period that is shown, if it is one. */
function markPreset() {
  for (const button of form.querySelectorAll("[data-from]")) {
    const is = button.dataset.from === form.elements.from.value && button.dataset.to === form.elements.to.value;
    button.setAttribute("aria-pressed", String(is));
  }
}

function refuse(text) {
  fault.textContent = text;
  fault.hidden = !text;
}

async function load() {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  report.setAttribute("aria-busy", "true");
  refuse("");
  let answer;
  try {
    answer = await fetch(`/reports/figures?${asked()}&lang=${language}`, { signal, credentials: "same-origin" });
    if (answer.status === 401) { dispatchEvent(new CustomEvent("foleni-signed-out")); return; }
    if (answer.ok) report.innerHTML = await answer.text();
    else refuse((await answer.json()).error.message);
  } catch (error) {
    if (error.name === "AbortError") return;
    refuse(t("The branch server does not answer. Nothing is lost; please try again."));
  }
  if (running.signal === signal) report.setAttribute("aria-busy", "false");
  report.querySelector(".loading")?.remove();
}

function show() {
  if (!form.reportValidity()) return;
  history.replaceState(null, "", `/reports?${asked()}`);
  markPreset();
  load();
}

form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
form.addEventListener("change", show);
form.addEventListener("click", (event) => {
  const preset = event.target.closest("[data-from]");
  if (!preset) return;
  form.elements.from.value = preset.dataset.from;
  form.elements.to.value = preset.dataset.to;
  show();
});
report.addEventListener("click", (event) => { if (event.target.closest("[data-act=print]")) print(); });
load();
