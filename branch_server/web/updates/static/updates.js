// Updates, live: which version each box has and should have, bundles that are brought, and the time at night.

import { Refusal, api, clock, complain, data, el, follow, language, number, pick, setNow, setZone, sure, t, toast, whenFree, now } from "/static/base/base.js";

const carried = data("carried"), page = document.getElementById("page");
let picture = carried;
setNow(carried.now);
setZone(carried.zone);

const ROLES = { server: () => t("Branch server"), branch: () => t("Branch server"), kiosk: () => t("Ticket kiosks"), display: () => t("Hall displays") };
/** `Ticket kiosks` for foleni-kiosk-amd64; of two machines' kinds also which. */
function nameOfKind(compatible) {
  const [, role, machine] = compatible.match(/^foleni-([a-z]+)-(.+)$/) ?? [];
  if (!ROLES[role]) return compatible;
  const others = picture.kinds.filter((kind) => kind.compatible.startsWith(`foleni-${role}-`));
  return others.length > 1 ? `${ROLES[role]()} (${machine})` : ROLES[role]();
}
const nameOf = (box) => (box.own ? t("This branch server") : pick(box.name) || box.id);
const nameOfId = (id) => { const box = picture.kinds.flatMap((kind) => kind.boxes).find((one) => one.id === id); return box ? nameOf(box) : id; };
const megabytes = (bytes) => t("{count} MB", { count: number(Math.max(1, Math.round(bytes / 1e6))) });
const night = () => ({ from: picture.window.begins, to: picture.window.ends });

function moment(when) {
  const shown = (at, wanted) => new Intl.DateTimeFormat(`${language}-u-nu-latn`, { timeZone: carried.zone, ...wanted }).format(at);
  const at = new Date(when), numeric = { year: "numeric", month: "2-digit", day: "2-digit" };
  return shown(at, numeric) === shown(new Date(now()), numeric) ? clock(at) : `${shown(at, { day: "numeric", month: "short" })} ${clock(at)}`;
}

function waitsFor(box) {
  if (box.waits_for === "night") return t("Ready. It restarts between {from} and {to}.", night());
  if (box.waits_for === "quiet") return t("Ready. It restarts when nobody waits and nobody is served.");
  if (picture.kinds.some((kind) => kind.boxes.some((one) => one.id === box.waits_for))) return t("Ready. It restarts after {name}.", { name: nameOfId(box.waits_for) });
  return box.waits_for ? t("Ready. It restarts as soon as nobody is served there.") : t("Ready. It restarts within minutes.");
}
const STATES = {
  well: (_box, plan) => (plan ? ["", t("Up to date")] : ["grey", t("Nothing planned")]),
  waiting: () => ["amber", t("Begins within minutes")],
  held: () => ["grey", t("On hold")],
  stopped: () => ["grey", t("Stopped")],
  fetching: (box) => ["amber", box.percent === null ? t("Fetches it") : t("Fetches it: {percent} %", { percent: number(box.percent) })],
  installing: () => ["amber", t("Writes it")],
  installed: () => ["amber", t("Ready to restart")],
  trying: () => ["amber", t("Tries it")],
  refused: () => ["red", t("Refused")],
  failed: () => ["red", t("Failed")],
  rolled_back: () => ["red", t("Rolled back")],
  silent: () => ["grey", t("Not heard for a day")],
};
const BAD = ["refused", "failed", "rolled_back"];

function why(box) {
  if (box.state === "installed") return el("p", { class: "why", text: waitsFor(box) });
  if (box.state === "stopped") return el("p", { class: "why", text: t("It did not work on another box of this kind, so this one stays as it is.") });
  if (box.state === "silent") return el("p", { class: "why", text: t("Last heard {time}. It goes on as soon as it is switched on.", { time: moment(box.heard_at) }) });
  if (!BAD.includes(box.state) || !box.outcome) return null;
  const sentence = { refused: t("{version} was not taken; nothing was changed.", box.outcome), failed: t("{version} could not be written; nothing was changed.", box.outcome), rolled_back: t("{version} did not work; the version before runs again.", box.outcome) }[box.state];
  return el("p", { class: "why" }, sentence, el("br"), el("span", { class: "hint", lang: "en", dir: "ltr", text: box.outcome.reason }));
}

function rowOf(box, plan) {
  const [colour, words] = (STATES[box.state] ?? STATES.waiting)(box, plan);
  const who = el("span", {}, el("bdi", { text: nameOf(box) }), " ", el("span", { class: "quiet update-version", dir: "ltr", text: box.version }));
  return el("li", { "data-box": box.id, "data-state": box.state }, who, el("span", { class: `chip ${colour}`, text: words }), ...[why(box)].filter(Boolean));
}

function planned(plan) {
  if (!plan) return t("No update is planned.");
  const told = { version: plan.version, name: plan.by, time: moment(plan.at), ...night() };
  const back = plan.sha256 === null;
  if (plan.when === "hold") return t("{version} is on hold. Chosen by {name}, {time}.", told);
  if (plan.when === "now") return back ? t("Back to {version}, now. Chosen by {name}, {time}.", told) : t("{version}, now. Chosen by {name}, {time}.", told);
  return back ? t("Back to {version}, at night between {from} and {to}. Chosen by {name}, {time}.", told) : t("{version}, at night between {from} and {to}. Chosen by {name}, {time}.", told);
}

function cardOf(kind) {
  const choices = choicesOf(kind), name = nameOfKind(kind.compatible), { plan } = kind;
  const has = (state) => kind.boxes.some((box) => state.includes(box.state));
  const button = (text, call, more = {}) => el("button", { type: "button", text, "aria-label": `${text}: ${name}`, onclick: call, ...more });
  const acts = [];
  if (choices.length) acts.push(button(t("Choose a version"), () => choose(kind, choices), plan ? {} : { class: "main" }));
  if (plan && has(BAD)) acts.push(button(t("Try again"), () => save({ ...wantedOf(plan), when: plan.when, again: true }), { class: "main" }));
  if (plan && plan.when !== "hold") acts.push(button(t("Hold"), () => save({ ...wantedOf(plan), when: "hold" })));
  if (plan && plan.when === "hold") acts.push(button(t("Go on tonight"), () => save({ ...wantedOf(plan), when: "night" })));
  if (plan) acts.push(button(t("Take it back"), () => drop(kind)));
  const boxes = kind.boxes.length ? el("ul", { class: "update-boxes" }, ...kind.boxes.map((box) => rowOf(box, plan))) : el("p", { class: "quiet", text: t("No box of this kind has asked yet.") });
  return el("section", { class: "card update-kind", "data-kind": kind.compatible }, el("h2", { text: name }), el("p", { class: "quiet update-plan", text: planned(plan) }), boxes, ...(acts.length ? [el("div", { class: "row update-acts" }, ...acts)] : []));
}

const wantedOf = (plan) => (plan.sha256 ? { sha256: plan.sha256, downgrade: plan.downgrade } : { compatible: plan.compatible, version: plan.version });
function choicesOf(kind) {
  const bundles = picture.bundles.filter((one) => one.compatible === kind.compatible).map((one) => [{ sha256: one.sha256 }, one.version]);
  const back = kind.back.map((version) => [{ compatible: kind.compatible, version }, t("Back to {version}, which is still there", { version })]);
  return [...bundles, ...back];
}

async function save(wanted) {
  try {
    await api("POST", "/api/v1/updates/plans", wanted);
    return true;
  } catch (error) {
    if (error.code !== "older") { complain(error); return false; }
    const what = t("Boxes of this kind run a newer version. An older one may not understand what the newer one has kept.");
    return (await sure(t("Go back to an older version?"), what, t("Go back"))) ? save({ ...wanted, downgrade: true }) : false;
  }
}

async function drop(kind) {
  try {
    await api("DELETE", `/api/v1/updates/plans/${kind.compatible}`);
  } catch (error) { complain(error); }
}

function choose(kind, choices) {
  const version = el("select", { id: "u-version" }, ...choices.map(([, words], n) => el("option", { value: n, text: words })));
  const current = choices.findIndex(([wanted]) => wanted.sha256 && wanted.sha256 === kind.plan?.sha256);
  if (current >= 0) version.value = current;
  const radio = (value, words, hint) => {
    const input = el("input", { type: "radio", name: "when", value });
    input.checked = value === "night";
    return el("label", {}, input, el("span", {}, words, hint ? el("span", { class: "quiet", text: ` ${hint}` }) : ""));
  };
  const when = el("fieldset", {}, el("legend", { text: t("When boxes restart") }), el("div", { class: "update-when" },
    radio("night", t("At night"), t("between {from} and {to}, one after another", night())),
    radio("now", t("Now"), t("within a quarter of an hour, one after another, when nobody is served there")),
    radio("hold", t("Not yet"), t("nothing is fetched"))));
  const cancel = el("button", { type: "button", text: t("Cancel"), onclick: () => done() });
  const form = el("form", { method: "dialog" }, el("div", { class: "field" }, el("label", { for: "u-version", text: t("Version") }), version), when, el("div", { class: "row end" }, cancel, el("button", { class: "main", text: t("Plan it") })));
  const dialog = el("dialog", { "aria-labelledby": "u-title" }, el("h2", { id: "u-title", tabindex: "-1", text: nameOfKind(kind.compatible) }), form);
  const done = () => { dialog.close(); dialog.remove(); page.querySelector(`[data-kind="${kind.compatible}"] .update-acts button`)?.focus(); };
  dialog.oncancel = (event) => { event.preventDefault(); done(); };
  form.onsubmit = async (event) => {
    event.preventDefault();
    const chosen = new FormData(form).get("when");
    if (await save({ ...choices[Number(version.value)][0], when: chosen, again: kind.boxes.some((box) => BAD.includes(box.state)) })) done();
  };
  document.body.append(dialog);
  dialog.showModal();
}

function bundles() {
  const rows = picture.bundles.map((one) => el("div", { class: "update-bundle", "data-bundle": one.sha256 },
    el("p", {}, el("strong", { dir: "ltr", text: one.version }), ` · ${nameOfKind(one.compatible)} · ${megabytes(one.size)}`, el("br"), el("span", { class: "quiet", text: t("Brought by {name}, {time}", { name: one.by, time: moment(one.at) }) })),
    one.planned ? el("span", { class: "chip grey", text: t("Planned") }) : el("button", { type: "button", text: t("Delete"), "aria-label": t("Delete {version}", { version: one.version }), onclick: () => discard(one) })));
  const none = el("p", { class: "quiet", text: t("None yet. Bring the file that ends in .raucb, from a USB stick or from your supplier's page.") });
  return el("section", { class: "card update-part" }, el("h2", { text: t("Versions on this branch server") }), ...(rows.length ? rows : [none]), el("p", { class: "hint", text: t("There is room for {count} MB more.", { count: number(Math.round(picture.room * 1.048576)) }) }));
}

async function discard(bundle) {
  if (!await sure(t("Delete {version}?", { version: bundle.version }), t("Boxes that run it keep it. To offer it again it must be brought again."), t("Delete"))) return;
  try {
    await api("DELETE", `/api/v1/updates/bundles/${bundle.sha256}`);
  } catch (error) { complain(error); }
}

const begins = el("input", { type: "time", id: "u-begins", value: picture.window.begins, required: true });
const ends = el("input", { type: "time", id: "u-ends", value: picture.window.ends, required: true });
const hours = el("form", { class: "card update-part" }, el("h2", { text: t("At night") }), el("div", { class: "update-night" },
  el("div", { class: "field" }, el("label", { for: "u-begins", text: t("From") }), begins), el("div", { class: "field" }, el("label", { for: "u-ends", text: t("To") }), ends), el("button", { text: t("Save") })));
hours.onsubmit = async (event) => {
  event.preventDefault();
  try {
    await api("PUT", "/api/v1/updates/window", { begins: begins.value.slice(0, 5), ends: ends.value.slice(0, 5) });
    toast(t("Saved."));
  } catch (error) { complain(error); }
};

const shown = el("div", { class: "stack" });
const coming = el("div", { class: "card update-coming", role: "status", hidden: true });
page.replaceChildren(coming, shown, hours);

function draw() {
  const focused = shown.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  const empty = el("div", { class: "card empty" }, el("strong", { text: t("No box has asked for updates yet") }), el("span", { text: t("Boxes that were installed from an image appear here within a quarter of an hour after they have joined.") }));
  shown.replaceChildren(...(picture.kinds.length ? picture.kinds.map(cardOf) : [empty]), bundles());
  if (focused) [...shown.querySelectorAll("button")].find((one) => one.getAttribute("aria-label") === focused)?.focus();
}

const csrf = () => document.cookie.split("; ").find((one) => one.startsWith("foleni_csrf="))?.slice(12) || "";
/** Sends a file as it is; fetch could not tell how far it has come. */
function send(file, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", "/api/v1/updates/bundles");
    request.setRequestHeader("X-CSRF-Token", csrf());
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => progress(event.lengthComputable ? event.loaded / event.total : 0);
    request.onload = () => {
      let told = {};
      try { told = JSON.parse(request.responseText); } catch { /* its status says enough */ }
      if (request.status === 201) resolve(told);
      else reject(new Refusal(told.error?.code ?? "unavailable", told.error?.message ?? t("This could not be done. Please try again."), request.status, told));
    };
    request.onerror = () => reject(new Refusal("away", t("The file did not come whole. Please bring it again."), 0));
    request.send(file);
  });
}

async function bring(file) {
  const bar = el("progress", { max: 1, value: 0, "aria-label": t("How much has come") });
  coming.replaceChildren(el("p", { text: t("{name} is coming in. Keep this page open.", { name: file.name }) }), bar);
  coming.hidden = false;
  file_input.disabled = true;
  try {
    const stored = await send(file, (part) => { bar.value = part; });
    toast(t("{version} is here. Choose for which boxes, and when.", { version: stored.version }));
  } catch (error) { complain(error); } finally {
    coming.hidden = true;
    file_input.disabled = false;
    file_input.value = "";
  }
}

const file_input = el("input", { type: "file", accept: ".raucb", id: "u-file", hidden: true });
file_input.onchange = () => { if (file_input.files[0]) bring(file_input.files[0]); };
document.getElementById("acts").append(file_input, el("button", { type: "button", class: "main", text: t("Bring an update"), onclick: () => file_input.click() }));
draw();
follow("/api/v1/updates/stream", { updates: (newer) => { picture = newer; whenFree(draw); } });
