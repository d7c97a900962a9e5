// Saving one thing of the setup: what the branch says to it, and what happens where somebody else was faster.

import { api, complain, el, language, t, toast } from "/static/base/base.js";

const shownAs = (value) => (value === null || value === undefined || value === "" ? t("nothing") : typeof value === "object" ? Object.values(value).flat().join(", ") || t("nothing") : String(value));
export const urlOf = (kind, id) => `/api/v1/setup/${kind === "branch" ? "branch" : `${kind}/${encodeURIComponent(id)}`}?lang=${language}`;

/** Saves what stands in `form`; the saved thing, or null where it was not saved: then the form says why. */
export async function save(kind, id, form) {
  if (form.saving) return null;
  form.saving = true;
  try {
    const saved = await api("PUT", urlOf(kind, id), { value: form.get(), version: form.version });
    form.set(saved.value, saved.version);
    toast(t("Saved."));
    return saved;
  } catch (error) {
    if (error.code === "stale") stale(form, error);
    else if (error.body?.fields) form.faults(error.body.fields, error.message);
    else { form.say(error.message, "red"); complain(error); }
    return null;
  } finally {
    form.saving = false;
  }
}

/** Removes a thing; whether it is gone. */
export async function remove(kind, id, version) {
  try {
    await api("DELETE", `${urlOf(kind, id)}&version=${version}`);
    toast(t("Removed."));
    return true;
  } catch (error) {
    complain(error);
    return false;
  }
}

function stale(form, error) {
  const { current } = error.body;
  if (!current) {
    form.version = "";
    form.say(error.message, "amber", el("p", { text: t("What you typed is still here. Save again to add it anew.") }));
  } else {
    const { both, theirs } = form.merge(current);
    const lines = [
      ...theirs.map((field) => el("li", { text: t("{field}: taken over", { field: field.label }) })),
      ...both.map(([field, value]) => el("li", { text: t("{field}: yours is kept; theirs is: {value}", { field: field.label, value: shownAs(value) }) })),
    ];
    form.say(error.message, "amber", el("p", { text: t("What you typed is still here. Look at it, and save again.") }), el("ul", {}, ...lines));
  }
  form.note.setAttribute("tabindex", "-1");
  form.note.focus();
}
