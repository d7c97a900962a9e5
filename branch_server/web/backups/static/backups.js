// Backups: how the last one went, one more at a press, and the key, which is shown once.
import { api, clock, complain, data, el, language, now, number, setNow, setZone, sure, t, tn, toast, whenFree } from "/static/base/base.js";

const BASE = "/api/v1/backups";
const LOOK_MS = 3000, QUIET_MS = 45000;
const $ = (id) => document.getElementById(id);
const zone = document.documentElement.dataset.zone || "UTC";
setZone(zone);
const day = new Intl.DateTimeFormat(`${language}-u-nu-latn`, { weekday: "long", day: "numeric", month: "long", timeZone: zone });
let shown = "", askedAt = 0, making = false;

const FAULTS = {
  full: () => t("There is no room left."),
  not_there: () => t("It is not plugged in, or not there."),
  unreachable: () => t("It cannot be reached."),
  refused: () => t("It does not take the backup."),
  damaged: () => t("It gives back something else than was written. Replace it."),
};

const when = (wire) => (day.format(new Date(wire)) === day.format(new Date(now())) ? t("today, {time}", { time: clock(wire) }) : `${day.format(new Date(wire))}, ${clock(wire)}`);

function ago(wire) {
  const hours = Math.floor((now() - Date.parse(wire)) / 3600000);
  if (hours < 1) return t("less than an hour ago");
  return hours < 48 ? tn("{count} hour ago", "{count} hours ago", hours) : tn("{count} day ago", "{count} days ago", Math.floor(hours / 24));
}

const size = (bytes) => (bytes >= 1048576 ? `${number(bytes / 1048576, 1)} MiB` : `${number(Math.max(1, bytes / 1024))} KiB`);

function lastCard(told) {
  const card = el("section", { class: "card backups-last", "aria-label": t("The last backup") });
  if (told.state === "running") card.append(el("strong", { text: t("A backup is being made.") }));
  else if (told.state === "wanted") card.append(el("strong", { text: t("A backup was asked for.") }));
  else if (told.good_at) card.append(el("strong", { text: t("Last good backup: {when}", { when: when(told.good_at) }) }));
  else card.append(el("strong", { text: t("There is no backup yet.") }));
  if (told.good_at) card.append(el("span", { class: "quiet", text: ago(told.good_at) }));
  if (told.state === "wanted" && askedAt && Date.now() - askedAt > QUIET_MS) {
    card.append(el("p", { class: "note amber", text: t("The backup service does not answer. On the server: foleni-branch backup --config /etc/foleni/branch.toml") }));
  }
  if (told.mood === "late") card.append(el("p", { class: "note red", text: t("It is too old: last night's backup is missing.") }));
  if (told.fault && told.fault !== "no_key") card.append(el("p", { class: "note red" }, t("The last one could not be made."), el("span", { class: "backups-words", text: told.words || "" })));
  return card;
}

function keyCard(told) {
  const card = el("section", { class: `card${told.has_key ? "" : " note-card"}`, "aria-label": t("The key") });
  const row = el("div", { class: "row spread" });
  const text = told.has_key ? t("Backups are locked. Only the key on paper opens them.") : t("Backups need a key before the first one can be made.");
  row.append(el("p", { text, class: told.has_key ? "quiet" : "" }));
  row.append(el("button", { type: "button", id: "make-key", class: told.has_key ? "" : "main", text: told.has_key ? t("Make another key") : t("Make the key"), onclick: () => makeKey(told.has_key) }));
  card.append(row);
  return card;
}

function placesCard(told) {
  const card = el("section", { class: "card scroll", tabindex: "0", "aria-label": t("Places") });
  const table = el("table"), head = el("tr"), body = el("tbody");
  for (const title of [t("Place"), t("Last good backup"), t("Size"), t("State")]) head.append(el("th", { scope: "col", text: title }));
  for (const place of told.places) body.append(...linesOf(place));
  table.append(el("thead", {}, head), body);
  card.append(table);
  return card;
}

function linesOf(place) {
  const line = el("tr", { class: place.fault ? "backups-open" : "" });
  const [text, kind] = place.fault ? [t("Failed"), "red"] : place.good_at ? [t("Good"), ""] : [t("Not used yet"), "grey"];
  line.append(el("td", {}, el("span", { class: "backups-place", text: place.target })));
  line.append(el("td", { text: place.good_at ? when(place.good_at) : "–" }));
  line.append(el("td", { class: "nowrap", text: place.bytes ? size(place.bytes) : "–" }));
  line.append(el("td", {}, el("span", { class: `chip ${kind}`, text })));
  if (!place.fault) return [line];
  const why = el("td", { colspan: "4" }, el("strong", { text: (FAULTS[place.fault] || FAULTS.refused)() }), el("span", { class: "backups-words quiet", text: place.words || "" }));
  return [line, el("tr", { class: "backups-fault" }, why)];
}

function show(told) {
  setNow(told.now);
  const picture = JSON.stringify({ ...told, now: told.good_at ? Math.floor(now() / 60000) : 0, late: askedAt && Date.now() - askedAt > QUIET_MS });
  if (picture === shown) return;
  whenFree(() => {
    shown = picture;
    const held = document.activeElement?.id;
    $("page").replaceChildren(lastCard(told), ...(told.has_key ? [placesCard(told), keyCard(told)] : [keyCard(told), placesCard(told)]));
    $("page").removeAttribute("aria-busy");
    $("now").disabled = !told.has_key || told.state !== "idle";
    if (held) $(held)?.focus();
  });
}

async function backUp() {
  try {
    askedAt = Date.now();
    show(await api("POST", BASE));
    toast(t("A backup is on its way."));
  } catch (error) { complain(error); }
}

async function makeKey(another) {
  if (making || $("key-box").open) return;
  if (another && !(await sure(t("Make another key?"), t("Backups from now on can be opened with each of the keys. Older ones only with the keys they were made with."), t("Make the key"), { danger: false }))) return;
  making = true;
  try {
    const made = await api("POST", `${BASE}/key`);
    $("key-text").textContent = made.secret;
    $("key-picture").src = made.picture;
    $("key-of").textContent = `${document.title} · ${made.public}`;
    $("key-kept").checked = false;
    $("key-done").disabled = true;
    $("key-box").showModal();
    show(await api("GET", BASE));
  } catch (error) { complain(error); } finally { making = false; }
}

$("now").onclick = backUp;
$("key-kept").onchange = () => { $("key-done").disabled = !$("key-kept").checked; };
$("key-box").oncancel = (event) => event.preventDefault();
$("key-done").onclick = () => { $("key-text").textContent = ""; $("key-picture").removeAttribute("src"); $("key-box").close(); };
$("key-print").onclick = () => { document.body.classList.add("printing"); print(); document.body.classList.remove("printing"); };
show(data("carried"));
const look = async () => {
  try { if (!document.hidden) show(await api("GET", BASE)); } catch { /* the band at the top says that the server is away */ }
  setTimeout(look, LOOK_MS);
};
setTimeout(look, LOOK_MS);
