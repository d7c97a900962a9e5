// A notice on every display, in each of the branch's languages.
import { el, t } from "/static/base/base.js";
import { done, once, post } from "/static/desk/acts.js";
import { languageName, refusalText } from "/static/desk/say.js";
import { ending, field, sheet } from "/static/desk/sheet.js";
import { view } from "/static/desk/view.js";

/** Puts a notice on the displays, or takes it away. */
export const announce = () => sheet(t("Announce"), (box, close) => {
  const same = once(), said = view.hall.notice || {};
  const inputs = view.setup.branch.languages.map((code, index) => {
    const one = field(`notice-${code}`, languageName(code), { kind: "area", maxlength: 200, value: said[code] || "", first: index === 0, lang: code, dir: "auto" });
    one.input.rows = 2;
    return { code, ...one };
  });
  const send = el("button", { type: "submit", class: "main", text: t("Show it") });
  const clear = el("button", { type: "button", text: t("Take the notice away"), hidden: Object.keys(said).length === 0 });
  const { box: end, say } = ending(clear, send);
  const put = async (text, words) => {
    send.disabled = clear.disabled = true;
    try {
      await post("/api/v1/announce", { text }, same.id);
      close(true);
      done(words);
    } catch (error) {
      say(refusalText(error));
      if (error.status) same.done();
    } finally {
      send.disabled = clear.disabled = false;
    }
  };
  const form = el("form", {}, el("p", { class: "quiet", text: t("All displays show it until it is taken away.") }), ...inputs.map((one) => one.box), end);
  form.onsubmit = (event) => {
    event.preventDefault();
    const text = Object.fromEntries(inputs.map(({ code, input }) => [code, input.value.trim()]).filter(([, words]) => words));
    if (!Object.keys(text).length) { say(t("Write something first.")); return; }
    put(text, t("The displays show the notice"));
  };
  clear.onclick = () => put({}, t("The notice is gone"));
  box.append(form);
});
