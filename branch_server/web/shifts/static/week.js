// The plan of a week: drawn from what the branch tells, changed by mouse, by keys or by the form, each change kept at once.
import { api, complain, data, el, follow, language, newId, sure, t, tn, toast, whenFree } from "/static/base/base.js";
import { draggable } from "/static/shifts/dragging.js";
import { STEP_MIN, dayAfter, isSame, minutesOf, moved, resized } from "/static/shifts/times.js";

const byId = (id) => document.getElementById(id);
const plan = byId("plan"), form = byId("form"), fields = form.querySelector("form").elements;
let week = data("week"), rows = "people", shownDay = week.today, changing = null, checks = 0, nudged = null;
let formId = "", wantedDay = week.monday, loads = 0, turn = Promise.resolve();
const REST_MS = 400;

const said = (day, how) => new Intl.DateTimeFormat(`${language}-u-nu-latn`, { timeZone: "UTC", ...how }).format(new Date(`${day}T12:00:00Z`));
const nameOf = (staff) => week.people.find((each) => each.id === staff)?.name || staff;
const labelOf = (counter) => week.counters.find((each) => each.id === counter)?.label || counter;
const shiftOf = (button) => week.shifts.find((shift) => shift.id === button.dataset.shift);

// What is drawn

function draw() {
  const focused = document.activeElement?.dataset?.shift;
  byId("range").textContent = `${said(week.days[0].day, { day: "numeric", month: "long" })} \u2013 ${said(week.days[6].day, { day: "numeric", month: "long", year: "numeric" })}`;
  if (!week.days.some((each) => each.day === shownDay)) shownDay = week.days[0].day;
  byId("days").replaceChildren(...week.days.map(({ day }) => el("button", {
    type: "button", text: said(day, { weekday: "short" }), "aria-pressed": String(day === shownDay), onclick: () => { shownDay = day; draw(); },
  })));
  plan.replaceChildren(heading(), el("tbody", {}, ...lines()));
  tellConflicts();
  if (focused) plan.querySelector(`[data-shift="${focused}"]`)?.focus();
}

function heading() {
  const days = week.days.map(({ day, closed, open }) => el("th", { scope: "col", class: `${kindOf(day)}${day === week.today ? " now" : ""}` },
    el("span", { text: said(day, { weekday: "short", day: "numeric", month: "short" }) }),
    ...(closed !== null || (open && !open.length) ? [el("span", { class: "quiet", text: t("Closed") })] : (open || []).map((span) => el("span", { class: "quiet open", text: span })))));
  return el("thead", {}, el("tr", {}, el("th", { scope: "col", text: rows === "people" ? t("Person") : t("Counter") }), ...days));
}
const kindOf = (day) => (day === shownDay ? "day shown" : "day");

function lines() {
  const known = rows === "people" ? week.people : week.counters, key = rows === "people" ? "staff" : "counter";
  const strange = [...new Set(week.shifts.map((shift) => shift[key]))].filter((id) => !known.some((each) => each.id === id));
  const all = [...known, ...strange.map((id) => ({ id, name: id, label: id, services: [] }))];
  if (!all.length) return [el("tr", {}, el("td", { colspan: 8, class: "empty", text: t("People and counters stand here as soon as there are some.") }))];
  return all.map((each) => el("tr", {}, rowHead(each), ...week.days.map((day) => cell(each, key, day))));
}
function rowHead(each) {
  const head = el("th", { scope: "row" }, el("span", { text: rows === "people" ? each.name : t("Counter {counter}", { counter: each.label }) }));
  const more = rows === "people" ? (each.active === false ? t("not active") : hoursOf(each.id)) : each.services.join(", ");
  if (more) head.append(el("span", { class: "quiet", text: more }));
  return head;
}
function hoursOf(staff) {
  const minutes = week.shifts.filter((shift) => shift.staff === staff).reduce((sum, shift) => sum + minutesOf(shift.ends) - minutesOf(shift.starts), 0);
  return minutes ? t("{hours} h", { hours: Math.round(minutes / 6) / 10 }) : "";
}
function cell(each, key, { day, closed, open }) {
  const shifts = week.shifts.filter((shift) => shift[key] === each.id && shift.day === day);
  const made = el("td", { class: `${kindOf(day)}${closed !== null || (open && !open.length) ? " closed" : ""}`, "data-day": day, "data-row": each.id });
  made.append(...shifts.map(button));
  const what = t("Plan a shift: {name}, {day}", { name: rows === "people" ? each.name : t("Counter {counter}", { counter: each.label }), day: said(day, { weekday: "long" }) });
  made.append(el("button", { type: "button", class: "put", "aria-label": what, text: "+", onclick: () => open_form({ [key]: each.id, day }) }));
  return made;
}
function button(shift) {
  const made = el("button", { type: "button", class: shift.conflicts.length ? "shift odd" : "shift", "data-shift": shift.id, title: [...shift.conflicts, shift.note].filter(Boolean).join("\n") });
  fill(made, shift);
  made.addEventListener("click", () => open_form(shift));
  return made;
}
function fill(made, shift) {
  const [first, last] = week.span, part = (minutes) => `${Math.max(0, Math.min(100, (minutes - first) / (last - first) * 100))}%`;
  const bar = el("i"), from = part(minutesOf(shift.starts));
  bar.style.insetInlineStart = from;
  bar.style.width = `calc(${part(minutesOf(shift.ends))} - ${from})`;
  made.replaceChildren(
    el("span", { class: "time", text: `${shift.starts}\u2013${shift.ends}` }),
    el("span", { class: "who", text: rows === "people" ? t("Counter {counter}", { counter: labelOf(shift.counter) }) : nameOf(shift.staff) }),
    el("span", { class: "line", "aria-hidden": "true" }, bar));
}
function tellConflicts() {
  const odd = week.shifts.filter((shift) => shift.conflicts.length), box = byId("conflicts");
  box.hidden = !odd.length;
  box.replaceChildren(el("strong", { text: tn("{count} shift does not fit.", "{count} shifts do not fit.", odd.length) }),
    ...odd.slice(0, 4).map((shift) => el("div", { text: `${nameOf(shift.staff)}, ${said(shift.day, { weekday: "long" })}: ${shift.conflicts[0]}` })));
}
async function tellMissing() {
  const { planned, missing } = await api("GET", "/api/v1/shifts/now"), box = byId("missing");
  box.hidden = !missing.length;
  const names = missing.map((each) => `${each.name} (${t("Counter {counter}", { counter: each.counter_label })}, ${each.since})`).join(", ");
  box.textContent = missing.length ? t("{here} of {planned} are here. Not yet at a counter: {names}.", { here: planned - missing.length, planned, names }) : "";
}

// What is kept

/** Fetches the week of a day. Where another one is asked for meanwhile, that one is shown, whichever answer comes first. */
async function load(day = wantedDay) {
  const mine = ++loads;
  wantedDay = day;
  try {
    const fresh = await api("GET", `/api/v1/shifts?day=${day}`);
    if (mine !== loads) return;
    week = fresh;
    wantedDay = week.monday;
    whenFree(draw);
  } catch (error) {
    if (mine === loads) wantedDay = week.monday;
    complain(error);
  }
}
/** Changes reach the branch in the order in which they were made. */
const inTurn = (change) => (...given) => (turn = turn.then(() => change(...given)).catch(complain));
const bodyOf = ({ staff, counter, day, starts, ends, note = "" }) => ({ staff, counter, day, starts, ends, note });
const keep = inTurn(async (shift, before) => {
  try {
    await api("PUT", `/api/v1/shifts/${shift.id}`, bodyOf(shift));
    await load();
    if (before) toast(t("{name}: {day}, {times}", { name: nameOf(shift.staff), day: said(shift.day, { weekday: "long" }), times: `${shift.starts}\u2013${shift.ends}` }), { act: { label: t("Undo"), run: () => keep(before) } });
  } catch (error) { complain(error); draw(); }
});
const remove = inTurn(async (ids) => {
  try {
    const { removed } = await api("POST", "/api/v1/shifts/remove", { ids });
    await load();
    if (removed.length) {
      toast(tn("{count} shift was taken away.", "{count} shifts were taken away.", removed.length), { for_s: 15, act: { label: t("Undo"), run: () => putBack(removed) } });
    }
  } catch (error) { complain(error); }
});
const putBack = inTurn(async (shifts) => {
  try {
    for (const shift of shifts) await api("PUT", `/api/v1/shifts/${shift.id}`, bodyOf(shift));
  } catch (error) { complain(error); }
  await load();
});
async function copyWeek() {
  const from = dayAfter(week.monday, -7);
  const what = t("The shifts of {from} are planned again in this week. What is planned already stays.", { from: said(from, { day: "numeric", month: "long" }) });
  if (!await sure(t("Copy the week before?"), what, t("Copy"), { danger: false })) return;
  try {
    const { made } = await api("POST", "/api/v1/shifts/copy", { from, to: week.monday });
    await load();
    const act = made.length ? { label: t("Undo"), run: () => remove(made) } : undefined;
    toast(made.length ? tn("{count} shift was copied.", "{count} shifts were copied.", made.length) : t("There was nothing to copy."), { act, for_s: 15 });
  } catch (error) { complain(error); }
}

// The form

function open_form(shift) {
  changing = shift.id ? shift : null;
  formId = shift.id || newId(); // sent twice, it is planned once
  const usual = week.days.find((each) => each.day === shift.day)?.open?.[0]?.split("\u2013") || ["08:00", "12:00"];
  const filled = { staff: week.people[0]?.id, counter: week.counters[0]?.id, day: shownDay, starts: usual[0], ends: usual[1], note: "", ...shift };
  byId("form-title").textContent = changing ? t("Change a shift") : t("Plan a shift");
  choices(fields.staff, week.people.map((each) => [each.id, each.name]), filled.staff);
  choices(fields.counter, week.counters.map((each) => [each.id, `${each.label} \u00b7 ${each.services.join(", ")}`]), filled.counter);
  for (const name of ["day", "starts", "ends", "note"]) fields[name].value = filled[name] === "24:00" ? "00:00" : filled[name];
  byId("drop").hidden = !changing;
  byId("form-fault").hidden = true;
  form.showModal();
  look();
}
function choices(select, options, chosen) {
  const strange = chosen && !options.some(([id]) => id === chosen) ? [[chosen, chosen]] : [];
  select.replaceChildren(...[...strange, ...options].map(([value, text]) => el("option", { value, text })));
  if (chosen) select.value = chosen;
}
const wanted = () => bodyOf(Object.fromEntries(["staff", "counter", "day", "starts", "ends", "note"].map((name) => [name, fields[name].value])));
/** Says what would not fit, while the form is filled in. */
async function look() {
  const asked = ++checks, box = byId("form-conflicts"), query = changing ? `?shift=${changing.id}` : "";
  let conflicts = [];
  try { conflicts = (await api("POST", `/api/v1/shifts/check${query}`, wanted())).shift.conflicts; } catch { /* saving will say it */ }
  if (asked !== checks) return;
  box.hidden = !conflicts.length;
  box.replaceChildren(...conflicts.map((text) => el("p", { text })));
}
async function send(event) {
  event.preventDefault();
  const shift = { id: formId, ...wanted() }, before = changing;
  try {
    await api("PUT", `/api/v1/shifts/${shift.id}`, bodyOf(shift));
  } catch (error) {
    byId("form-fault").textContent = error.message;
    byId("form-fault").hidden = false;
    return;
  }
  form.close();
  shownDay = shift.day;
  await load(shift.day);
  const undo = before ? () => keep(before) : () => remove([shift.id]);
  if (!before || !isSame(before, shift)) toast(t("Saved."), { act: { label: t("Undo"), run: undo } });
}

// Mouse and keys

draggable(plan, {
  shiftOf,
  placed: (shift, cell) => ({ ...shift, day: cell.dataset.day, [rows === "people" ? "staff" : "counter"]: cell.dataset.row }),
  span_min: () => week.span[1] - week.span[0],
  show(made, shift, over) {
    plan.querySelectorAll("td.over").forEach((cell) => cell.classList.remove("over"));
    if (!made) { draw(); return; }
    over?.classList.add("over");
    fill(made, shift);
  },
  drop: keep,
});
plan.addEventListener("keydown", (event) => {
  const made = event.target.closest("button.shift"), shift = made && shiftOf(made);
  if (!shift || event.ctrlKey || event.metaKey || event.altKey) return;
  const by = { ArrowLeft: -STEP_MIN, ArrowRight: STEP_MIN }[event.key] * (document.documentElement.dir === "rtl" ? -1 : 1);
  if (event.key === "Delete") { event.preventDefault(); forgetNudge(shift.id); remove([shift.id]); return; }
  if (!by) return;
  event.preventDefault();
  nudge(made, shift, event.shiftKey ? resized(shift, "end", by) : moved(shift, by));
});
/** A key that is held down moves a shift many times, and is kept once. */
function nudge(made, shift, wanted) {
  if (nudged?.id !== shift.id) nudged = { id: shift.id, before: { ...shift } };
  const { before } = nudged;
  Object.assign(shift, { starts: wanted.starts, ends: wanted.ends });
  fill(made, shift);
  clearTimeout(nudged.timer);
  nudged.timer = setTimeout(() => { if (nudged?.id === shift.id) nudged = null; keep({ ...shift }, before); }, REST_MS);
}
/** What is taken away or changed otherwise is not moved back by a key that came before. */
function forgetNudge(id) {
  if (nudged?.id !== id) return;
  clearTimeout(nudged.timer);
  nudged = null;
}
form.querySelector("form").addEventListener("submit", send);
form.addEventListener("input", look);
byId("leave").addEventListener("click", () => form.close());
byId("drop").addEventListener("click", () => { form.close(); remove([changing.id]); });
byId("add").addEventListener("click", () => open_form({ day: shownDay }));
byId("back").addEventListener("click", () => load(dayAfter(wantedDay, -7)));
byId("ahead").addEventListener("click", () => load(dayAfter(wantedDay, 7)));
byId("today").addEventListener("click", () => { shownDay = week.today; load(week.today); });
byId("copy").addEventListener("click", copyWeek);
byId("print").addEventListener("click", () => print());
document.querySelectorAll("[data-rows]").forEach((choice) => choice.addEventListener("click", () => {
  rows = choice.dataset.rows;
  document.querySelectorAll("[data-rows]").forEach((each) => each.setAttribute("aria-pressed", String(each === choice)));
  draw();
}));
draw();
follow("/api/v1/shifts/stream", { shifts: ({ version }) => { if (version !== week.version) load(); tellMissing().catch(() => {}); } });
