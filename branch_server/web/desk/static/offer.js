// The strip above the big button that shows whom the next call would bring.
import { el, t } from "/static/base/base.js";
import { offered, passedOver } from "/static/desk/precall.js";
import { origin, priorityName, serviceName } from "/static/desk/say.js";
import { waitChip } from "/static/desk/times.js";
import { view } from "/static/desk/view.js";

/** Starts drawing the strip. */
export function showOffer() {
  addEventListener("foleni-precall", draw);
}

function draw() {
  const box = document.getElementById("offer"), offer = offered();
  box.hidden = !offer;
  if (!offer) return;
  const row = view.queue?.waiting.find((one) => one.ticket === offer.ticket);
  const words = [serviceName(offer.service), row && origin(row), offer.priority !== "normal" && priorityName(offer.priority), offer.name].filter(Boolean);
  box.replaceChildren(
    el("p", {}, t("Next would be"), " ", el("strong", { class: "figure offer-number", text: offer.number }), " ", waitChip(offer.joined_at)),
    el("p", { class: "quiet", dir: "auto", text: words.join(" · ") }),
    el("div", { class: "row" },
      el("button", { type: "button", "data-do": "pass" }, el("span", { text: t("Pass over") }), el("kbd", { text: "X" })),
      el("button", { type: "button", class: "plain", "data-do": "forget" }, el("span", { text: t("Do not call") }), el("kbd", { text: t("Esc") })),
      passedOver().length ? el("span", { class: "quiet", text: t("{count} passed over", { count: passedOver().length }) }) : ""));
}
