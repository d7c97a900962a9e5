// The administration's first page: what is missing before the first ticket, and how the branch is.

import { api, clock, complain, el, language, now, number, pick, setZone, t, tn, toast } from "/static/base/base.js";
import { carried, live, zone } from "/static/admin/carried.js";
import { opening, rollOver } from "/static/admin/opening.js";

const page = document.getElementById("page");
const KINDS = { kiosk: t("Kiosk"), display: t("Hall display"), counter: t("Counter unit"), console: t("Program"), standby: t("Standby server") };
const PRINTER = { paper_low: t("paper low"), paper_out: t("no paper"), cover_open: t("cover open"), offline: t("printer offline"), error: t("printer fault") };
const STEPS = {
  branch: [t("Name the branch and set its hours"), t("Customers read the name; services open and close by the hours."), "/admin/branch", t("Name and hours")],
  service: [t("Add a service"), t("What customers come for. Each has a queue of its own."), "/admin/services#new", t("Add a service")],
  counter: [t("Add a counter"), t("Where somebody serves, and which services."), "/admin/counters#new", t("Add a counter")],
  kiosk: [t("Connect a kiosk"), t("It gives tickets to customers, on paper or on their phone."), "/admin/devices", t("Add a kiosk")],
  people: [t("Add the people who serve"), t("Each signs in with a PIN of their own."), "/admin/people", t("Add people")],
  test: [t("Print a test ticket"), t("Look at it as a customer does. It takes no number."), null, t("Print a test ticket")],
};
let picture = carried.overview;
setZone(zone());

async function printTest(kiosk, button) {
  button.disabled = true;
  try {
    const came = await api("POST", `/api/v1/setup/test-ticket?lang=${language}`, { device: kiosk.id });
    if (came.ok) toast(t("Printed. Your branch is ready."));
    else complain({ message: came.message });
  } catch (error) { complain(error); }
  button.disabled = false;
}

function action(key, isNext) {
  const [, , url, words] = STEPS[key];
  if (url) return [el("a", { class: `button ${isNext ? "main" : ""}`, href: url, text: words })];
  const kiosks = picture.devices.filter(({ kind }) => kind === "kiosk");
  return kiosks.map((kiosk) => {
    const name = kiosks.length > 1 ? `${words}: ${pick(kiosk.name) || kiosk.id}` : words;
    const button = el("button", { type: "button", class: isNext ? "main" : "", text: name, disabled: !kiosk.online, "data-print": kiosk.id });
    button.onclick = () => printTest(kiosk, button);
    return el("span", { class: "stack" }, button, ...(kiosk.online ? [] : [el("span", { class: "quiet", text: t("{name} is not connected yet.", { name: pick(kiosk.name) || kiosk.id }) })]));
  });
}

function guide() {
  const left = picture.steps.filter(({ done }) => !done);
  if (!left.length || picture.in_use) return [];
  const next = left[0].key;
  const steps = picture.steps.map(({ key, done }, n) => {
    const [title, why] = STEPS[key], isNext = key === next;
    const mark = el("span", { class: `mark ${done ? "done" : isNext ? "next" : ""}`, "aria-hidden": "true", text: done ? "✓" : String(n + 1) });
    const state = el("span", { class: "only-heard", text: done ? t("done") : isNext ? t("next") : t("to do") });
    return el("li", { class: "step", "data-step": key, "data-done": String(done) }, mark, el("div", { class: "grow" }, el("strong", { text: title }), state, el("p", { class: "quiet", text: why })), ...(done ? [] : [el("div", { class: "row" }, ...action(key, isNext))]));
  });
  const words = tn("{count} step to your first ticket", "{count} steps to your first ticket", left.length);
  return [el("section", { class: "card guide" }, el("h2", { text: words }), el("ol", { class: "rows" }, ...steps))];
}

const line = (label, value, colour = "") => el("div", { class: "figure-line" }, el("span", { text: label }), el("strong", { class: colour, text: value }));
const card = (title, ...inside) => el("section", { class: "card" }, el("h2", { text: title }), ...inside);

function today() {
  const { branch } = picture;
  const { open, text } = opening(branch.hours, branch.closures, branch.time_zone, now(), pick);
  const shut = picture.services.filter(({ state }) => state !== "open");
  return card(t("Today"),
    el("p", { class: `note ${open === false ? "amber" : ""}`, id: "opening", text }),
    line(t("Waiting"), number(picture.waiting)),
    line(t("Counters open"), t("{open} of {all}", { open: picture.staffed, all: picture.counts.counters })),
    ...shut.map(({ name, state, reopens_at: again }) => line(pick(name), again ? t("until {time}", { time: clock(again) }) : state === "paused" ? t("paused") : t("closed"), "amber-text")),
    el("p", { class: "quiet", text: rollOver(branch.business_day_starts, branch.time_zone, now()) }));
}

function trouble() {
  const devices = picture.devices.filter((device) => device.trouble);
  const lines = [
    ...(picture.queue_answers ? [] : [el("p", { class: "note red", text: t("The queue does not answer. Numbers given by kiosks are taken in as soon as it does.") })]),
    ...(picture.asking ? [el("p", { class: "note amber row spread" }, el("span", { text: tn("{count} box asks to join this branch.", "{count} boxes ask to join this branch.", picture.asking) }), el("a", { href: "/admin/devices/join", text: t("Look at it") }))] : []),
    ...picture.alerts.map(({ message }) => el("p", { class: "note amber", text: message })),
    ...devices.map((device) => line(`${KINDS[device.kind]} ${pick(device.name) || device.id}`, device.online ? PRINTER[device.printer] ?? device.printer : t("not connected"), "red-text")),
  ];
  return card(t("Needs a look"), ...(lines.length ? lines : [el("p", { class: "quiet", text: t("Nothing. All devices answer, and no alert is raised.") })]), ...(devices.length ? [el("a", { href: "/admin/devices", text: t("All devices") })] : []));
}

function made() {
  const { counts } = picture;
  const row = (label, count, url) => el("a", { class: "figure-line", href: url }, el("span", { text: label }), el("strong", { text: number(count) }));
  return card(t("Set up"), row(t("Services"), counts.services, "/admin/services"), row(t("Counters"), counts.counters, "/admin/counters"), row(t("Priority classes"), counts.priorities, "/admin/priorities"), row(t("People"), counts.people, "/admin/people"), row(t("Devices"), counts.devices, "/admin/devices"));
}

function versions() {
  const others = picture.devices.filter(({ version }) => version && version !== picture.version);
  const words = others.length ? others.map((device) => line(pick(device.name) || device.id, device.version, "amber-text")) : [el("p", { class: "quiet", text: t("All connected devices have this version.") })];
  return card(t("Version"), line(t("Branch server"), picture.version), ...words);
}

function draw() {
  if (!picture.branch) return;
  const focused = document.activeElement?.dataset?.print;
  page.replaceChildren(el("div", { class: "stack" }, ...guide(), el("div", { class: "overview" }, today(), trouble(), made(), versions())));
  if (focused) page.querySelector(`[data-print="${focused}"]`)?.focus();
}

draw();
setInterval(draw, 30000);
live(() => {}, (given) => { picture = given; draw(); });
