import { answer, dialled, request } from "./forms.js";
import { measured } from "./letters.js";

const WORDS = JSON.parse(document.getElementById("words").textContent).texts;
const NUMBER = "foleni-simulator-phone";
const by = (id) => document.getElementById(id);
let talk = null;
let waits = false;

function t(text, values = {}) {
  const said = typeof WORDS[text] === "string" ? WORDS[text] : text;
  return said.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}

function show(state, text) {
  by("glass").dataset.state = state;
  by("said").textContent = text;
  by("call").textContent = talk === null ? t("Call") : t("Send");
}

function count(text) {
  const { used, room, wide } = measured(text);
  by("count").replaceChildren(Object.assign(document.createElement("b"), { textContent: String(used) }), ` / ${room}`);
  by("meter").style.inlineSize = `${Math.min(100, (100 * used) / room)}%`;
  by("meter").parentElement.classList.toggle("over", used > room);
  by("alphabet").textContent = wide ? t("Letters of UCS-2: the script needs it") : t("Letters of GSM 03.38");
}

function type(text) {
  by("typed").value = text;
  by("typed").focus({ preventScroll: true });
}

async function exchange(now) {
  const sent = request(by("kind").value, now);
  if (sent === null) return null;
  by("sent").textContent = `POST ${sent.url}\n\n${sent.body}`;
  const got = await fetch(sent.url, { method: "POST", headers: { "Content-Type": sent.type }, body: sent.body });
  const body = await got.text();
  by("got").textContent = `${got.status}\n\n${body}`;
  if (!got.ok) throw new Error(JSON.parse(body).error.message);
  return answer(by("kind").value, body);
}

async function ask() {
  waits = true;
  by("glass").dataset.state = "busy";
  type("");
  const mine = talk;
  try {
    const screen = await exchange(mine);
    if (talk !== mine) return;
    if (screen.ends) talk = null;
    show(screen.ends ? "ended" : "open", screen.text);
    count(screen.text);
    if (screen.ends) type("*384#");
  } catch (error) {
    if (talk === mine) over(error instanceof TypeError ? t("No answer. Please dial again.") : error.message);
  } finally {
    waits = false;
  }
}

function over(text) {
  talk = null;
  show("idle", text);
  type("*384#");
}

function call() {
  const text = by("typed").value.trim();
  if (waits || text === "") return;
  if (talk === null) {
    if (dialled(text) === null) {
      over(t("Dial *384# or *384*number of a branch#."));
      return;
    }
    localStorage.setItem(NUMBER, by("phone").value);
    talk = { session: crypto.randomUUID?.() ?? String(Date.now() + Math.random()), phone: by("phone").value.trim(),
      dialled: text, typed: [], starts: true, ends: false };
  } else {
    talk = { ...talk, typed: [...talk.typed, text], starts: false };
  }
  ask();
}

function hangUp() {
  const mine = talk;
  over(t("The call is over."));
  if (mine !== null) exchange({ ...mine, starts: false, ends: true }).catch(() => null);
}

function tick() {
  by("clock").textContent = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
}

by("glass").addEventListener("submit", (event) => {
  event.preventDefault();
  call();
});
by("call").addEventListener("click", call);
by("stop").addEventListener("click", hangUp);
by("wipe").addEventListener("click", () => type(by("typed").value.slice(0, -1)));
for (const key of document.querySelectorAll("[data-key]")) {
  key.addEventListener("click", () => type(by("typed").value + key.dataset.key));
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hangUp();
});
by("language").addEventListener("change", (event) => location.assign(`?lang=${event.target.value}`));
by("kind").addEventListener("change", () => talk !== null && hangUp());
by("phone").value = localStorage.getItem(NUMBER) ?? by("phone").value;
show("idle", "Foleni");
tick();
setInterval(tick, 10_000);
