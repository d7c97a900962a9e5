// Words that the pages of the offices share.

import { el, language, t, tn } from "/static/base/base.js";

/** One of several names: in the page's language, else in any. */
export const pick = (texts) => texts?.[language] || texts?.en || Object.values(texts || {}).find(Boolean) || "";
export const minutesSince = (wire) => Math.max(0, Math.floor((Date.now() - Date.parse(wire)) / 60000));

/** `3 min`, `2 h 5 min`, `4 days`. */
export function span(minutes) {
  if (minutes < 60) return tn("{count} min", "{count} min", minutes);
  if (minutes < 48 * 60) return t("{hours} h {minutes} min", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  return tn("{count} day", "{count} days", Math.floor(minutes / 1440));
}

/** Whether a branch is connected, and since when it is not. */
export function pulse(branch) {
  if (branch.fault) return el("span", { class: "chip red", text: t("Sync stands still") });
  if (branch.live) return el("span", { class: "chip", text: t("Connected") });
  if (!branch.heard_at) return el("span", { class: "chip grey", text: t("Never heard yet") });
  return el("span", { class: "chip amber", text: t("Last heard {span} ago", { span: span(Math.max(1, minutesSince(branch.heard_at))) }) });
}

/** The colour of a wait. */
export const tint = (minutes) => (minutes >= 30 ? "red" : minutes >= 10 ? "amber" : "");

/** Dialogs close with their own buttons. */
export function closing() {
  document.addEventListener("click", (event) => { if (event.target.closest?.("[data-close]")) event.target.closest("dialog").close(); });
}
