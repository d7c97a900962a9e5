// The sign-in: who, then the PIN by touch or by keyboard.

import { span, t } from "/static/base/base.js";

const by = (id) => document.getElementById(id);
const who = by("who"), pin = by("pin"), secret = by("secret"), fault = by("fault"), go = by("go"), find = by("find");
const tiles = [...document.querySelectorAll(".tile")];
const LAST = "foleni-last-staff";
const isTouch = matchMedia("(hover: none) and (pointer: coarse)").matches;
const label = go.textContent;
let counting;

const say = (text) => { fault.textContent = text; fault.hidden = !text; secret.setAttribute("aria-invalid", text ? "true" : "false"); };
const isPicking = () => !who.hidden;

function pick(id, name, mark) {
  by("staff").value = id;
  by("name").textContent = name;
  by("mark").textContent = mark;
  who.hidden = true;
  pin.hidden = false;
  secret.value = "";
  say("");
  secret.setAttribute("inputmode", isTouch ? "none" : "text");
  secret.focus();
}

function back() {
  pin.hidden = true;
  who.hidden = false;
  const last = tiles.find((tile) => tile.dataset.staff === by("staff").value) || tiles[0];
  last?.focus();
}

function narrow() {
  const wanted = find.value.trim().toLocaleLowerCase();
  for (const tile of tiles) {
    const told = `${tile.dataset.staff} ${tile.querySelector(".tile-name").textContent}`.toLocaleLowerCase();
    tile.parentElement.hidden = !!wanted && !told.split(/\s+/).some((word) => word.startsWith(wanted)) && !told.includes(wanted);
  }
  by("nobody").hidden = tiles.some((tile) => !tile.parentElement.hidden);
}

const pickTile = (tile) => pick(tile.dataset.staff, tile.querySelector(".tile-name").textContent, tile.querySelector(".tile-mark").textContent);

function wait(seconds) {
  clearInterval(counting);
  const until = Date.now() + seconds * 1000;
  const show = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    go.disabled = left > 0;
    go.textContent = left > 0 ? t("Try again in {time}", { time: span(left) }) : label;
    if (left <= 0) { clearInterval(counting); say(""); secret.focus(); }
  };
  show();
  counting = setInterval(show, 250);
}

async function enter() {
  if (go.disabled || !secret.value) return;
  go.disabled = true;
  const asked = { staff: by("staff").value, pin: secret.value };
  let answer;
  try {
    answer = await fetch("/api/v1/session", {
      method: "POST", headers: { "Content-Type": "application/json", Accept: "application/json" }, body: JSON.stringify(asked), credentials: "same-origin",
    });
  } catch {
    go.disabled = false;
    say(t("The branch server does not answer. Nothing is lost; please try again."));
    return;
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) {
    try { localStorage.setItem(LAST, asked.staff); } catch { /* it is only a convenience */ }
    // The server knows where this person goes: to the page that they wanted, to a new PIN, or home.
    location.replace(location.href);
    return;
  }
  go.disabled = false;
  secret.value = "";
  say(told.error?.message || t("This could not be done. Please try again."));
  secret.focus();
  if (answer.status === 429) wait(Number(answer.headers.get("Retry-After")) || 5);
}

document.querySelector(".tiles")?.addEventListener("click", (event) => {
  const tile = event.target.closest(".tile");
  if (tile) pickTile(tile);
});
find?.addEventListener("input", narrow);
who.addEventListener("submit", (event) => {
  event.preventDefault();
  const shown = tiles.filter((tile) => !tile.parentElement.hidden);
  if (shown.length === 1 || (shown.length && find.value.trim())) pickTile(shown[0]);
});
by("back").addEventListener("click", back);
pin.addEventListener("submit", (event) => { event.preventDefault(); enter(); });
by("pad").addEventListener("click", (event) => {
  const key = event.target.closest("[data-digit]")?.dataset.digit;
  if (!key) return;
  if (key === "letters") secret.setAttribute("inputmode", "text");
  else if (key === "back") secret.value = secret.value.slice(0, -1);
  else if (secret.value.length < 128) secret.value += key;
  if (key === "letters" || !isTouch) { secret.blur(); secret.focus(); }
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !isPicking()) { back(); return; }
  // Whoever begins to type a name, or a PIN while a button has the focus, is understood.
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || /^(INPUT|A)$/.test(event.target.tagName) || event.key === " ") return;
  const field = isPicking() ? find : secret;
  if (!field) return;
  field.closest(".field").hidden = false;
  field.focus();
});

let last = null;
try { last = localStorage.getItem(LAST); } catch { /* it is only a convenience */ }
(tiles.find((tile) => tile.dataset.staff === last) || tiles[0])?.focus();
