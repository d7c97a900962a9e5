// A customer without a ticket stands at the counter: a place in the queue, or the chair at once. No paper.
import { el, t } from "/static/base/base.js";
import { atCounter, done, join, once } from "/static/desk/acts.js";
import { customerFields, customerOf, faultOf } from "/static/desk/asking.js";
import { languageName, refusalText, serviceName } from "/static/desk/say.js";
import { ending, sheet } from "/static/desk/sheet.js";
import { myServices, view } from "/static/desk/view.js";

/** Takes a walk-in. Resolves when it is done or left. */
export const walkIn = () => sheet(t("Walk-in"), (box, close) => {
  const services = tiles(), fields = customerFields(view.setup.branch.languages, languageName), same = once();
  const queue = el("button", { type: "submit", class: "main", text: t("Add to the queue") });
  const now = el("button", { type: "button", text: t("Serve at once") });
  const { box: end, say } = ending(now, queue);
  const more = el("details", {}, el("summary", { text: t("Name, phone, language") }), fields.name.box, fields.phone.box, fields.language.box);
  const form = el("form", { novalidate: true }, services.box, fields.priority.box, more, end);
  const send = async (atOnce) => {
    const told = { service: services.chosen(), ...customerOf(fields) }, fault = told.service ? faultOf(told) : t("Choose a service.");
    if (fault) { say(fault); return; }
    queue.disabled = now.disabled = true;
    try {
      const { result } = await join(told, same.id);
      close(true);
      done(t("{number} joined {service}", { number: result.number, service: serviceName(result.service) }));
      if (atOnce) await atCounter("call-ticket", { ticket: result.ticket });
    } catch (error) {
      say(refusalText(error));
      if (error.status) same.done();
    } finally {
      queue.disabled = now.disabled = false;
    }
  };
  form.onsubmit = (event) => { event.preventDefault(); send(false); };
  now.onclick = () => send(true);
  now.hidden = view.desk?.state !== "open";
  box.append(form);
});

/** The services as tiles of which one is chosen; the counter's own first. */
function tiles() {
  const own = view.desk?.services || [];
  const place = (one) => { const known = own.indexOf(one.id); return known < 0 ? own.length : known; };
  const sorted = [...myServices()].sort((a, b) => place(a) - place(b));
  const box = el("fieldset", {}, el("legend", { text: t("Service") }));
  const row = el("div", { class: "options choose-service" });
  sorted.forEach((one, index) => {
    const input = el("input", { type: "radio", name: "service", value: one.id, class: "only-heard" });
    if (index === 0) { input.checked = true; input.dataset.first = ""; }
    const label = el("label", { class: "option" }, input, el("strong", { text: serviceName(one.id) }));
    if (index < 9) label.append(el("kbd", { text: String(index + 1) }));
    label.dataset.digit = String(index + 1);
    row.append(label);
  });
  box.append(row);
  return { box, chosen: () => box.querySelector("input:checked")?.value };
}
