// Looking after colleagues: who they are, what they may touch, how they sign in.

import { api, clock, complain, data, el, newId, setZone, sure, t, tn, toast } from "/static/base/base.js";

const by = (id) => document.getElementById(id);
const given = data("given");
let { people, addresses } = given;
let edited = null, key = "", sent = "";
setZone(given.zone);

const roleName = (role) => given.roles.find(([id]) => id === role)?.[1] || role;
const serviceName = (id) => given.services.find(([one]) => one === id)?.[1] || id;
const path = (person, rest = "") => `/api/v1/people/${person.id}${rest}`;

async function refresh() {
  ({ people, addresses } = await api("GET", "/api/v1/people"));
  show();
}

/** Does something and shows how things are then; a refusal is said. */
async function act(call, done) {
  try {
    const told = await call();
    if (done) toast(done);
    await refresh();
    return told;
  } catch (error) {
    complain(error);
    return null;
  }
}

function signInChips(person) {
  const chips = [];
  if (!person.active) chips.push(el("span", { class: "chip grey", text: t("may not sign in") }));
  else if (person.locked_until) chips.push(el("span", { class: "chip red", text: t("must wait until {time}", { time: clock(person.locked_until) }) }));
  else if (person.sign_in === "none") chips.push(el("span", { class: "chip amber", text: t("no PIN") }));
  else if (person.sign_in === "code") chips.push(el("span", { class: "chip amber", text: t("one-time code") }));
  else chips.push(el("span", { class: "chip", text: t("PIN chosen") }));
  const under = [];
  if (person.sessions) under.push(tn("signed in at {count} place", "signed in at {count} places", person.sessions));
  if (person.counter) under.push(t("counter {label}", { label: person.counter }));
  if (under.length) chips.push(el("span", { class: "people-under", text: under.join(" · ") }));
  return chips;
}

function acts(person) {
  const button = (text, onclick) => el("button", { type: "button", onclick, "aria-label": `${text}: ${person.name}`, text });
  const found = [button(t("Edit"), () => openEdit(person)), button(t("Reset the PIN"), () => resetPin(person))];
  if (person.locked_until) found.push(button(t("Let in again"), () => act(() => api("POST", path(person, "/lift"), {}), t("{name} can try again at once.", { name: person.name }))));
  if (person.sessions) found.push(button(t("Sign out"), () => signOut(person)));
  if (!person.is_me) found.push(button(t("Remove"), () => remove(person)));
  return found;
}

function row(person) {
  const services = person.role === "admin" || !person.services.length ? t("all services") : person.services.map(serviceName).join(", ");
  return el("tr", { "data-person": person.id },
    el("td", {}, el("span", { class: "people-name", text: person.name }), el("span", { class: "people-under", text: `${roleName(person.role)} · ${person.id}` })),
    el("td", { text: services }),
    el("td", {}, ...signInChips(person)),
    el("td", {}, el("div", { class: "people-acts" }, ...acts(person))));
}

function show() {
  const wanted = by("find").value.trim().toLocaleLowerCase();
  const shown = people.filter((person) => `${person.name} ${person.id}`.toLocaleLowerCase().includes(wanted));
  by("people").replaceChildren(...shown.map(row));
  by("people").closest("table").hidden = !shown.length;
  by("nobody").hidden = shown.length > 0;
  by("nobody").textContent = wanted ? t("Nobody here has a name like this.") : t("Nobody yet. Add the people who work here; each gets a code for the first sign-in.");
  by("count").textContent = tn("{count} person", "{count} people", people.length);
  by("addresses").replaceChildren(...addresses.map(({ address, until }) => el("div", { class: "note red row spread" },
    el("span", { text: t("Too many wrong PINs came from {address}. Nobody gets in from there until {time}.", { address, time: clock(until) }) }),
    el("button", { type: "button", text: t("Let in again"), onclick: () => act(() => api("POST", "/api/v1/people/lift-address", { address })) }))));
}

const ROLE_HINTS = {
  staff: t("Works at counters, for the services below. Sees their own figures."),
  manager: t("Works at counters, opens and pauses services, looks after staff, and reads reports, all for the services below."),
  admin: t("May do everything, in all services."),
};

function showRole() {
  const role = by("role").value;
  by("h-role").textContent = ROLE_HINTS[role] || "";
  by("services-field").hidden = role === "admin";
}

const fault = (id, text) => { by(id).textContent = text; by(id).hidden = !text; };

function openEdit(person) {
  edited = person;
  sent = "";
  const now = person || { name: "", role: "staff", services: [], active: true };
  by("edit-title").textContent = person ? person.name : t("Add a person");
  by("name").value = now.name;
  by("role").replaceChildren(...given.roles.map(([id, name]) => el("option", { value: id, text: name, selected: id === now.role })));
  by("services").replaceChildren(...given.services.map(([id, name]) => el("label", { class: "check" },
    el("input", { type: "checkbox", value: id, checked: now.services.includes(id) }), name)));
  by("active").checked = now.active;
  by("active-field").hidden = !person || person.is_me;
  for (const id of ["e-name", "e-form"]) fault(id, "");
  showRole();
  by("edit").showModal();
  by("name").focus();
}

async function save() {
  const name = by("name").value.trim();
  fault("e-name", name ? "" : t("Please type a name."));
  if (!name) { by("name").focus(); return; }
  const button = by("edit-form").querySelector("[type=submit]");
  if (button.disabled) return;
  button.disabled = true;
  const role = by("role").value;
  const services = role === "admin" ? [] : [...by("services").querySelectorAll(":checked")].map((box) => box.value);
  const asked = { name, role, services, active: by("active").checked };
  if (edited) asked.was = { name: edited.name, role: edited.role, services: edited.services, active: edited.active };
  // What may have arrived although no answer came is asked again with the same key: it is done once.
  if (sent !== JSON.stringify(asked)) key = newId();
  sent = JSON.stringify(asked);
  try {
    const told = edited ? await api("PUT", path(edited), asked, { id: key }) : await api("POST", "/api/v1/people", asked, { id: key });
    by("edit").close();
    if (told.code) showCode(told.person.name, told.code);
    else toast(t("{name} is saved.", { name }));
  } catch (error) {
    if (error.status) sent = "";
    fault("e-form", error.message);
    if (error.code !== "changed") return;
  } finally {
    button.disabled = false;
  }
  await refresh().catch(complain);
  if (by("edit").open && edited) edited = people.find((person) => person.id === edited.id) || edited;
}

function showCode(name, code) {
  by("code-title").textContent = t("One-time code of {name}", { name });
  by("code-text").textContent = code;
  by("code").showModal();
}

async function resetPin(person) {
  const is = await sure(t("Reset the PIN of {name}?", { name: person.name }), t("The current PIN stops working, and all windows of this person are signed out. You get a one-time code to hand over."), t("Reset the PIN"));
  if (!is) return;
  const told = await act(() => api("POST", path(person, "/reset-pin"), {}));
  if (told) showCode(person.name, told.code);
}

async function signOut(person) {
  const is = await sure(t("Sign {name} out everywhere?", { name: person.name }), t("All windows of this person go to the sign-in page. A ticket in hand stays at its counter."), t("Sign out"));
  if (is) await act(() => api("POST", path(person, "/sign-out"), {}), t("{name} is signed out everywhere.", { name: person.name }));
}

async function remove(person) {
  const is = await sure(t("Remove {name}?", { name: person.name }), t("This person is signed out at once and cannot sign in any more. What they did stays in the audit log and in the reports."), t("Remove"));
  if (is) await act(() => api("DELETE", path(person)), t("{name} is removed.", { name: person.name }));
}

by("add").addEventListener("click", () => openEdit(null));
by("find").addEventListener("input", show);
by("role").addEventListener("change", showRole);
by("edit-cancel").addEventListener("click", () => by("edit").close());
by("edit-form").addEventListener("submit", (event) => { event.preventDefault(); save(); });
// What is shown once is not there any more afterwards.
by("code").addEventListener("close", () => { by("code-text").textContent = ""; });
by("code-done").addEventListener("click", () => by("code").close());
by("code-copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(by("code-text").textContent);
    toast(t("Copied."));
  } catch { toast(t("This browser does not let us copy. Please select the text."), { kind: "trouble" }); }
});
show();
