// Import and export of the whole setup. What would change is shown before anything does.

import { api, complain, el, language, sure, t, tn, toast } from "/static/base/base.js";

const page = document.getElementById("page");
const MARKS = { added: [t("new"), ""], changed: [t("changed"), "amber"], removed: [t("removed"), "red"] };

const text = el("textarea", { id: "toml", dir: "ltr", spellcheck: "false", rows: 8, class: "code", "aria-describedby": "toml-hint" });
const file = el("input", { id: "toml-file", type: "file", accept: ".toml,application/toml,text/plain" });
const shown = el("div", { class: "stack", id: "shown", "aria-live": "polite" });
file.onchange = async () => { if (file.files[0]) { text.value = await file.files[0].text(); look(); } };
text.oninput = () => shown.replaceChildren();

const item = ({ what, title, lines }, why) => el("li", { class: "change" },
  el("div", { class: "row" }, el("span", { class: `chip ${MARKS[what][1]}`, text: MARKS[what][0] }), el("strong", { text: title })),
  ...(why ? [el("p", { class: "fault", text: why })] : []),
  ...(lines.length ? [el("ul", { class: "quiet lines" }, ...lines.map((line) => el("li", { text: line })))] : []));

const list = (title, changes) => (changes.length ? [el("section", { class: "card" }, el("h2", { text: title }), el("ul", { class: "rows" }, ...changes.map((change) => item(change, change.why))))] : []);
const notes = (found) => found.map((note) => el("p", { class: "note amber", text: note }));

async function look() {
  if (!text.value.trim()) { shown.replaceChildren(el("p", { class: "note amber", text: t("Choose a file, or paste its text.") })); return; }
  try {
    const plan = await api("POST", `/api/v1/setup/import/preview?lang=${language}`, { toml: text.value });
    draw(plan);
  } catch (error) { refuse(error); }
}

function refuse(error) {
  const faults = error.body?.faults ?? [];
  shown.replaceChildren(el("div", { class: "note red", role: "alert" }, el("strong", { text: error.message }), ...(faults.length ? [el("ul", {}, ...faults.map((fault) => el("li", { text: fault })))] : [])));
}

function draw(plan) {
  const { changes, refused } = plan;
  if (!changes.length && !refused.length) { shown.replaceChildren(el("p", { class: "note", text: t("Nothing would change: this is the setup as it is.") }), ...notes(plan.notes)); return; }
  const apply = el("button", { type: "button", class: "main", text: tn("Apply {count} change", "Apply {count} changes", changes.length), onclick: () => bring(plan) });
  shown.replaceChildren(
    ...notes(plan.notes),
    ...list(tn("{count} change", "{count} changes", changes.length), changes),
    ...list(t("These cannot be done, and are left out"), refused),
    el("div", { class: "row end save-bar" }, ...(changes.length ? [apply] : [])));
}

async function bring(plan) {
  const gone = plan.changes.filter(({ what }) => what === "removed");
  const what = gone.length ? t("These are removed: {names}. Everything else is kept or changed as shown.", { names: gone.map(({ title }) => title).join(", ") }) : t("The changes hold at once, at every kiosk, counter and display.");
  if (!await sure(tn("Apply {count} change?", "Apply {count} changes?", plan.changes.length), what, t("Apply"), { danger: gone.length > 0 })) return;
  try {
    const done = await api("POST", `/api/v1/setup/import?lang=${language}`, { toml: text.value, version: plan.version });
    toast(tn("{count} change is done.", "{count} changes are done.", done.changes.length));
    shown.replaceChildren(
      el("p", { class: "note", id: "done", text: tn("{count} change is done.", "{count} changes are done.", done.changes.length) }),
      ...list(t("These were refused"), done.refused));
  } catch (error) { if (error.code === "stale") { complain(error); look(); } else refuse(error); }
}

page.replaceChildren(el("div", { class: "stack" },
  el("section", { class: "card" }, el("h2", { text: t("Export") }),
    el("p", { text: t("Branch, services, counters, priority classes, devices, people and paper tickets. PINs and passwords are never in it.") }),
    el("a", { class: "button", href: "/api/v1/setup/export.toml", download: "", text: t("Download the setup") })),
  el("section", { class: "card" }, el("h2", { text: t("Import") }),
    el("div", { class: "field" }, el("label", { for: "toml-file", text: t("A setup file") }), file),
    el("div", { class: "field" }, el("label", { for: "toml", text: t("or its text") }), text, el("p", { class: "hint", id: "toml-hint", text: t("What is not in the file is removed. Nothing happens before you have seen the changes.") })),
    el("button", { type: "button", text: t("Show the changes"), onclick: look })),
  shown));
