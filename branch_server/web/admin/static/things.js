// A page with a list of things of one kind, each changed in a sheet: services, counters, priority classes.

import { el, sure, t } from "/static/base/base.js";
import { live, setup } from "/static/admin/carried.js";
import { Form, keep } from "/static/admin/form.js";
import { remove, save } from "/static/admin/saving.js";

/** Letters, digits and hyphens of a name, for an id that nobody has yet. */
export function idOf(name, taken) {
  const plain = name.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 28) || "new";
  for (let n = 1; ; n++) { const id = n === 1 ? plain : `${plain}-${n}`; if (!taken.includes(id)) return id; }
}

/** `what`: {kind, columns, cells(thing), sections(isNew), fresh, add, empty, titleOf(value), newTitle, goes(thing), nameOf(value)}. */
export function things(what) {
  const page = document.getElementById("page");
  const add = el("button", { type: "button", class: "main", text: what.add, onclick: () => open(null) });
  document.getElementById("acts").append(add);
  let form = null;
  keep(() => form);

  const all = () => setup[what.kind];
  const draw = () => {
    const focused = page.contains(document.activeElement) && document.activeElement.getAttribute("aria-label");
    drawList();
    if (focused) [...page.querySelectorAll("[aria-label]")].find((one) => one.getAttribute("aria-label") === focused)?.focus();
  };
  const drawList = () => {
    if (!all().length) { page.replaceChildren(el("div", { class: "card empty" }, el("strong", { text: what.empty[0] }), el("span", { text: what.empty[1] }))); return; }
    const head = el("tr", {}, ...what.columns.map((text) => el("th", { scope: "col", text })), el("th", { scope: "col" }, el("span", { class: "only-heard", text: t("Actions") })));
    const rows = all().map((thing) => {
      const change = el("button", { type: "button", text: t("Change"), "aria-label": t("Change {name}", { name: what.titleOf(thing.value) }), "data-change": thing.value.id, onclick: () => open(thing) });
      return el("tr", { "data-id": thing.value.id }, ...what.cells(thing), el("td", {}, el("div", { class: "row end acts" }, ...(what.acts?.(thing) ?? []), change)));
    });
    page.replaceChildren(el("div", { class: "card list" }, el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": what.title }, el("table", { class: "things" }, el("thead", {}, head), el("tbody", {}, ...rows)))));
  };

  const open = (thing) => {
    form = sheet(what, thing, () => all().map(({ value }) => value.id), (id) => {
      form = null;
      history.replaceState(null, "", location.pathname);
      (page.querySelector(`[data-change="${id ?? thing?.value.id}"]`) ?? add).focus();
    });
  };

  const asked = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (id === "new") open(null);
    else { const thing = all().find(({ value }) => value.id === id); if (thing) open(thing); }
  };
  draw();
  live(draw);
  asked();
}

/** The form of one thing, or of a new one, in a sheet; `done` hears the id of what was saved, once the sheet is gone. */
function sheet(what, thing, taken, done) {
  const box = el("form", { class: "stack" });
  const dialog = el("dialog", { class: "wide", "aria-labelledby": "thing-title" }, el("h2", { id: "thing-title", text: thing ? what.titleOf(thing.value) : what.newTitle }), box);
  box.noValidate = true;
  const form = new Form(box, what.sections(!thing), thing ?? { value: what.fresh(), version: "" }, (value) => what.typed?.(form, value));
  const close = (id) => { dialog.close(); dialog.remove(); done(id); };
  const leave = async () => { if (!form.dirty || await sure(t("Leave without saving?"), t("What you typed here is not saved yet."), t("Leave"))) close(); };
  const go = async () => {
    if (await sure(t("Remove {name}?", { name: what.titleOf(thing.value) }), what.goes(thing), t("Remove")) && await remove(what.kind, thing.value.id, thing.version)) close();
  };
  const gone = thing && what.mayGo?.(thing) !== false ? el("button", { type: "button", class: "danger", text: t("Remove"), onclick: go }) : el("span");
  box.append(el("div", { class: "row spread save-bar" }, gone, el("div", { class: "row" }, el("button", { type: "button", text: t("Cancel"), onclick: leave }), el("button", { class: "main", text: t("Save") }))));
  box.onsubmit = async (event) => {
    event.preventDefault();
    const id = thing ? thing.value.id : form.get().id || idOf(what.nameOf(form.get()), taken());
    if (await save(what.kind, id, form)) close(id);
  };
  dialog.oncancel = (event) => { event.preventDefault(); leave(); };
  document.body.append(dialog);
  what.typed?.(form, form.get());
  dialog.showModal();
  box.querySelector("input, select")?.focus();
  return form;
}
