// The devices of the branch, live: how they are, what they are told, how one is added, changed and cut off.

import { api, complain, el, language, sure, t, tn, toast } from "/static/base/base.js";
import { KINDS, asking, carried, chips, choice, devices, field, freeId, hears, letterChoices, live, nameOf, noteBox, order, save, sinceWhen, texts } from "/static/devices/common.js";

const page = document.getElementById("page");
const BY_HAND = ["kiosk", "display", "counter", "console"];
let waiting = null;

function facts(device) {
  const told = [[t("Kind"), KINDS[device.kind]()]];
  if (nameOf(device) !== device.id) told.push([t("Id"), device.id]);
  if (device.counter_label) told.push([t("Counter"), device.counter_label]);
  if (device.value.issuer) told.push([t("Own letter"), device.value.issuer]);
  if (device.software) told.push([t("Version"), device.software]);
  return el("dl", { class: "device-facts" }, ...told.flatMap(([name, value]) => [el("div", {}, el("dt", { text: name }), el("dd", { text: value, dir: "auto" }))]));
}

function acts(device) {
  if (!carried.may) return [];
  const button = (text, type, more) => {
    const made = el("button", { type: "button", text, "data-order": type, "aria-label": `${text}: ${nameOf(device)}`, disabled: !device.online });
    made.onclick = () => order(device, type, made, more);
    return made;
  };
  const own = ["console", "standby"].includes(device.kind) ? [] : [button(t("Show its name"), "identify"), ...(device.kind === "kiosk" ? [button(t("Test ticket"), "print", { language })] : []), button(t("Restart"), "restart")];
  return [...own, el("button", { type: "button", text: t("Change"), "data-change": device.id, "aria-label": t("Change {name}", { name: nameOf(device) }), onclick: () => edit(device) })];
}

function row(device) {
  const seen = chips(device).map(([colour, words]) => el("span", { class: `chip ${colour}`, text: words }));
  const when = sinceWhen(device);
  return el("li", { class: "card device", "data-id": device.id, "data-online": String(device.online) },
    el("div", { class: "device-who" }, el("h2", {}, el("bdi", { text: nameOf(device) })), facts(device)),
    el("div", { class: "device-how" }, ...seen, ...(when ? [el("span", { class: "quiet", text: when })] : [])),
    el("div", { class: "device-acts" }, ...acts(device)));
}

function draw() {
  // A button that waits for its answer, or has the focus, is not drawn away under the finger.
  const focused = document.activeElement?.closest?.(".device button");
  const at = focused && [focused.closest(".device").dataset.id, focused.dataset.order ?? "", focused.dataset.change ?? ""];
  if (page.querySelector("[aria-busy]")) { clearTimeout(waiting); waiting = setTimeout(draw, 200); return; }
  const empty = el("div", { class: "card empty" }, el("strong", { text: t("No devices yet") }), el("span", { text: t("Kiosks, displays and counter units appear here. Add the first one.") }));
  const deaf = el("p", { class: "note amber", role: "status", text: t("The branch does not hear its devices at the moment. This is how they were.") });
  const door = el("p", { class: "note amber row spread", role: "status" }, el("span", { text: tn("{count} box asks to join this branch.", "{count} boxes ask to join this branch.", asking.length) }), el("a", { class: "button", href: "/admin/devices/join", text: t("Look at it") }));
  page.replaceChildren(...(hears ? [] : [deaf]), ...(carried.may && asking.length ? [door] : []), devices.length ? el("ul", { class: "devices" }, ...devices.map(row)) : empty);
  if (at) [...page.querySelectorAll(".device button")].find((one) => one.closest(".device").dataset.id === at[0] && (one.dataset.order ?? "") === at[1] && (one.dataset.change ?? "") === at[2])?.focus();
}

function sheet(title, ...parts) {
  const dialog = el("dialog", { class: "device-sheet", "aria-labelledby": "sheet-title" }, el("h2", { id: "sheet-title", text: title, tabindex: "-1" }), ...parts);
  dialog.done = () => { dialog.close(); dialog.remove(); };
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function edit(device) {
  const value = device?.value ?? { kind: "kiosk", name: null, issuer: null, counter: null };
  const note = noteBox();
  let version = device?.version ?? "", isSaving = false;
  const kind = choice(Object.entries(KINDS).filter(([key]) => BY_HAND.includes(key) || key === value.kind).map(([key, words]) => [key, words()]), value.kind);
  const id = el("input", { value: device?.id ?? freeId(value.kind, devices), maxlength: 32, pattern: "[a-z0-9\\-]{1,32}", autocomplete: "off", dir: "ltr", required: true });
  const name = texts(t("Name"), value.name, { most: 64, hint: t("As staff call it, such as Main door. Without a name its id is shown.") });
  const issuer = choice(letterChoices(value.issuer), value.issuer ?? "");
  const counter = choice([["", t("Choose a counter")], ...carried.counters], value.counter ?? "");
  const idField = field(t("Id"), id, t("Small letters, digits and hyphens. It stays as it is."));
  const issuerField = field(t("Own letter"), issuer, t("With it the kiosk can give numbers while the branch server is away, such as AX01."));
  const counterField = field(t("Counter"), counter, t("Where the unit stands. Its keys work this counter only."));
  const fit = () => { issuerField.hidden = kind.value !== "kiosk"; counterField.hidden = kind.value !== "counter"; };
  kind.onchange = () => { fit(); if (!device) id.value = freeId(kind.value, devices); };
  const form = el("form", {}, note, ...(device ? [] : [field(t("Kind"), kind), idField]), name, issuerField, counterField);
  form.noValidate = true;
  fit();
  const gone = device ? el("button", { type: "button", class: "danger", text: t("Cut off"), onclick: () => cutOff(device, dialog) }) : el("span");
  const link = device && !value.box ? el("button", { type: "button", text: t("How to connect it"), onclick: () => { dialog.done(); connect(device.id, device.kind); } }) : el("span");
  form.append(el("div", { class: "row spread device-save" }, el("div", { class: "row" }, gone, link), el("div", { class: "row" }, el("button", { type: "button", text: t("Cancel"), onclick: () => close() }), el("button", { class: "main", text: t("Save") }))));
  const dialog = sheet(device ? nameOf(device) : t("Add a device"), form);
  const close = () => { dialog.done(); (page.querySelector(`[data-change="${device?.id}"]`) ?? document.querySelector("#acts .main"))?.focus(); };
  dialog.oncancel = (event) => { event.preventDefault(); close(); };
  form.onsubmit = async (event) => {
    event.preventDefault();
    idField.say(!device && !/^[a-z0-9-]{1,32}$/.test(id.value.trim()) ? t("Small letters, digits and hyphens; at most 32.") : "");
    counterField.say(kind.value === "counter" && !counter.value ? t("A counter unit needs its counter.") : "");
    const wrong = form.querySelector("[aria-invalid]");
    if (wrong) { wrong.focus(); return; }
    if (isSaving) return;
    isSaving = true;
    const names = name.get(), is = (wanted) => kind.value === wanted;
    const wanted = { ...value, kind: kind.value, name: Object.keys(names).length ? names : null, issuer: is("kiosk") ? issuer.value || null : null, counter: is("counter") ? counter.value : null };
    const saved = await save(`/api/v1/devices/${encodeURIComponent(id.value.trim())}`, wanted, version, (words, newer) => { note.say(words); version = newer ?? version; });
    isSaving = false;
    if (!saved) return;
    dialog.done();
    if (!device) connect(saved.value.id, saved.value.kind);
  };
}

async function cutOff(device, dialog) {
  const what = t("Its account goes at once: a device that is connected is thrown out and cannot come back. Tickets stay as they are.");
  if (!await sure(t("Cut off {name}?", { name: nameOf(device) }), what, t("Cut off"))) return;
  try {
    await api("DELETE", `/api/v1/devices/${encodeURIComponent(device.id)}?version=${device.version}&lang=${language}`);
    toast(t("{name} is cut off.", { name: nameOf(device) }));
    dialog.done();
  } catch (error) { complain(error); }
}

const MORE = { kiosk: " --data DIR --printer URL --fullscreen", display: " --fullscreen", counter: "" };
const command = (id, kind) => `foleni-${kind} --branch ${carried.branch} --device ${id} --mqtt URL${MORE[kind]}`;

/** Where a device's account lies, and how it is started. */
function connect(id, kind) {
  const code = (text) => el("pre", { class: "device-code", dir: "ltr", tabindex: "0", text });
  const steps = [
    el("li", {}, el("p", { text: t("The account lies on the branch server. Only the server's own user can read it.") }), code(`${carried.folder}/${id}.toml`)),
    ...(MORE[kind] === undefined ? [] : [el("li", {}, el("p", { text: t("Start the program on the device. URL is the line mqtt of that file.") }), code(command(id, kind)))]),
    el("li", {}, el("p", { text: t("It appears here as connected within seconds.") })),
  ];
  const done = el("button", { type: "button", class: "main", text: t("Done"), onclick: () => dialog.done() });
  const dialog = sheet(t("Connect {name}", { name: id }), el("ol", { class: "device-steps" }, ...steps), el("div", { class: "row end" }, done));
  done.focus();
}

const add = carried.joins ? el("a", { class: "button main", href: "/admin/devices/join", text: t("Add a device") }) : el("button", { type: "button", class: "main", text: t("Add a device"), onclick: () => edit(null) });
if (carried.may) document.getElementById("acts").append(add);
draw();
live(draw);
if (carried.may && location.hash === "#by-hand") edit(null);
