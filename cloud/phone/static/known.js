// The tickets that this phone has seen, so that it can show the last known one without a network.
(function () {
  "use strict";
  const MOST = 5, A_DAY_MS = 24 * 3600 * 1000, OVER = ["completed", "no_show", "cancelled", "expired", "refused"];

  function all() { return foleni.recall("tickets", []).filter((one) => one && one.view && Date.now() - one.heard < A_DAY_MS); }
  /** Keeps what is known now: `{token, heading, view, names, heard}`, `heard` in ms. */
  function keep(known) {
    foleni.remember("tickets", [known].concat(all().filter((one) => one.token !== known.token)).slice(0, MOST));
  }
  function isOver(view) { return Boolean(view.cancel_wanted) || OVER.indexOf(view.status) >= 0; }
  /** Those that may still be called, the newest first. */
  function open() { return all().filter((one) => !isOver(one.view)); }
  function card(known) {
    const link = foleni.make("a", "card mini"), words = foleni.make("span"), number = foleni.make("bdi", "ltr", known.view.number || "…");
    words.appendChild(foleni.make("strong", "", known.names.services[known.view.service] || ""));
    words.appendChild(foleni.make("span", "quiet", known.heading));
    link.href = "/t/" + encodeURIComponent(known.token);
    link.appendChild(words);
    link.appendChild(foleni.make("b")).appendChild(number);
    return link;
  }

  foleni.known = { all: all, keep: keep, open: open, isOver: isOver, card: card, forget: () => foleni.remember("tickets", null) };
}());
