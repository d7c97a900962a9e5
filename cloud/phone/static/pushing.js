// Messages to this browser, for whoever is signed in here.
(function () {
  "use strict";
  const t = foleni.t, CAN = Boolean(navigator.serviceWorker && window.PushManager && window.Notification);

  function key(text) {
    const plain = atob((text + "====".slice(text.length % 4 || 4)).replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  }
  function subscribed() { return CAN ? navigator.serviceWorker.ready.then((ready) => ready.pushManager.getSubscription()) : Promise.resolve(null); }
  /** Asks the person, then the browser's push service, then tells us. Rejects with a sentence for people. */
  function on() {
    return Notification.requestPermission().then((said) => {
      if (said !== "granted") { throw new Error(t("This phone does not allow messages from us. Its settings can change that.")); }
      return Promise.all([navigator.serviceWorker.ready, foleni.raw("GET", "/api/v1/push/key")]);
    })
      .then((both) => both[0].pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key(both[1].body.key) }))
      .then((made) => foleni.api("POST", "/api/v1/me/push", made.toJSON()))
      .then((answer) => foleni.remember("push", answer.body.id));
  }
  function off() {
    const id = foleni.recall("push");
    foleni.remember("push", null);
    return Promise.all([
      subscribed().then((made) => (made ? made.unsubscribe() : null)),
      id ? foleni.api("DELETE", "/api/v1/me/push/" + id) : null
    ]);
  }
  /** Shows `button` where messages can be had and are not; `told` says what came of it. */
  function offer(button, told) {
    if (!CAN || !foleni.isSigned() || Notification.permission === "denied") { return; }
    subscribed().then((made) => { button.hidden = Boolean(made && foleni.recall("push")); }, () => null);
    button.addEventListener("click", () => {
      button.disabled = true;
      on().then(
        () => { button.hidden = true; told.textContent = t("Messages come to this phone now."); told.hidden = false; },
        (error) => {
          button.disabled = false;
          told.textContent = error.status === undefined && error.name !== "Error" ? t("This phone cannot receive messages from us just now.") : error.message;
          told.hidden = false;
        });
    });
  }

  foleni.pushing = { can: CAN, on: on, off: off, offer: offer };
}());
