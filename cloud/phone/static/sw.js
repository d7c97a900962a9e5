// The service worker: keeps the app's own files, and a page for when there is no network. What changes with a queue is never kept.
// `SHELL` ({version, files}) stands before this text when it is served.
/* global SHELL */
(function () {
  "use strict";
  const KEPT = "foleni-" + SHELL.version, OFFLINE = "/offline", PATIENCE_MS = 15000;

  function fresh(address) { return new Request(address, { cache: "reload", credentials: "same-origin" }); }
  /** The offline page in the language of now, with the words that its scripts say. */
  function keepOffline(cache) {
    return fetch(fresh(OFFLINE)).then((answer) => {
      if (!answer.ok) { throw new Error("no offline page"); }
      return answer.clone().text().then((text) => cache.add(text.match(/\/words\/[a-z]+\.js\?v=\w+/)[0]).then(() => cache.put(OFFLINE, answer)));
    });
  }
  function ours(name) { return name.indexOf("foleni-") === 0; }

  self.addEventListener("install", (event) => {
    event.waitUntil(caches.open(KEPT)
      .then((cache) => Promise.all([cache.addAll(SHELL.files), keepOffline(cache)]))
      .then(() => self.skipWaiting()));
  });
  self.addEventListener("activate", (event) => {
    event.waitUntil(caches.keys()
      .then((names) => Promise.all(names.filter((name) => ours(name) && name !== KEPT).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()));
  });

  // Files whose address changes with their content come from the cache; a page that does not come is the offline page.
  function fromShell(request) {
    return caches.open(KEPT).then((cache) => cache.match(request).then((kept) => kept || fetch(request).then((answer) => {
      if (answer.ok) { cache.put(request, answer.clone()).catch(() => null); }
      return answer;
    })));
  }
  function offline() { return caches.open(KEPT).then((cache) => cache.match(OFFLINE)).then((kept) => kept || Response.error()); }
  function page(request) {
    return new Promise((resolve) => {
      const late = setTimeout(() => resolve(offline()), PATIENCE_MS);
      fetch(request).then((answer) => { clearTimeout(late); resolve(answer); }, () => { clearTimeout(late); resolve(offline()); });
    });
  }
  function isShell(url) { return (url.pathname.indexOf("/static/phone/") === 0 || url.pathname.indexOf("/words/") === 0) && url.search.indexOf("?v=") === 0; }
  function isPage(url) { return url.pathname === "/" || url.pathname === "/me" || /^\/[bt]\/[^/]+$/.test(url.pathname); }
  self.addEventListener("fetch", (event) => {
    const url = new URL(event.request.url);
    if (event.request.method !== "GET" || url.origin !== self.location.origin) { return; }
    if (isShell(url)) { event.respondWith(fromShell(event.request)); }
    else if (event.request.mode === "navigate" && isPage(url)) { event.respondWith(page(event.request)); }
  });

  // The offline page speaks the language that was chosen last.
  self.addEventListener("message", (event) => {
    if (event.data === "language") { event.waitUntil(caches.open(KEPT).then(keepOffline).catch(() => null)); }
  });

  function told(data) {
    try { return data ? data.json() : {}; } catch (e) { return { body: data.text() }; }
  }
  function inside(link) {
    const url = new URL(link || "/me", self.location.origin);
    return url.origin === self.location.origin ? url.href : self.location.origin + "/me";
  }
  self.addEventListener("push", (event) => {
    const news = told(event.data), link = inside(news.link || news.url);
    event.waitUntil(self.registration.showNotification(news.title || "Foleni", {
      body: news.body || news.text || "", icon: "/static/phone/icon-192.png", badge: "/static/phone/icon-mask-192.png",
      tag: news.tag || link, renotify: true, lang: news.language || "", dir: news.direction || "auto",
      vibrate: [400, 200, 400], requireInteraction: news.kind === "called", data: { link: link }
    }));
  });
  self.addEventListener("notificationclick", (event) => {
    const link = event.notification.data.link;
    event.notification.close();
    event.waitUntil(self.clients.matchAll({ type: "window", includeUncontrolled: true }).then((open) => {
      const here = open.filter((client) => client.url.split(/[?#]/)[0] === link.split(/[?#]/)[0])[0];
      return here && here.focus ? here.focus() : self.clients.openWindow(link);
    }));
  });
}());
