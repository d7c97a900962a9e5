"""Push messages: a browser subscribes, a push service gets the message, the app's worker shows it, a tap opens the ticket."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Connection, select

from cloud.notices.outbox import Occasion, tell
from cloud.site import wall_clock
from cloud.store.tables import push_subscriptions, users
from tests.support.cloud import CloudProcess
from tests.support.gateway import Gateway, SendingCloud, africastalking
from tests.support.phone import Picture, code_for, phone
from tests.support.push_service import PushService
from tests.support.waiting import until
from tests.support.web import chromium

PHONE = "+250788123457"
SUBSCRIBING = """
PushManager.prototype.subscribe = (options) => {
    window.asked = [options.userVisibleOnly, options.applicationServerKey.length];
    return Promise.resolve({toJSON: () => (SUBSCRIPTION), unsubscribe: () => Promise.resolve(true)});
};
"""
"""The browser's own push service is out of reach: it gives the address of ours."""
SHOWN = """navigator.serviceWorker.ready.then((ready) => ready.getNotifications()).then((all) => all.map((one) =>
    ({title: one.title, body: one.body, tag: one.tag, link: one.data.link, lang: one.lang})))"""
TAPPED = """async () => {
    const [note] = await self.registration.getNotifications();
    self.opened = [];
    self.clients.matchAll = () => Promise.resolve([]);
    self.clients.openWindow = (link) => { self.opened.push(link); return Promise.resolve(null); };
    self.dispatchEvent(new NotificationEvent("notificationclick", {notification: note}));
    await new Promise((resolve) => setTimeout(resolve, 0));
    return self.opened;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One that shows notifications."""
    with chromium("chromium") as running:
        yield running


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def cloud(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudProcess]:
    with SendingCloud(tmp_path_factory.mktemp("push"), None, africastalking(gateway.url)) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    with PushService() as service:
        yield service


def _sign_in(page: Page, cloud: CloudProcess, gateway: Gateway) -> None:
    origin = {"Origin": cloud.url}
    page.goto("/")
    page.request.post("/api/v1/auth/otp/request", data={"phone": PHONE}, headers=origin)
    body = {"phone": PHONE, "code": code_for(gateway, PHONE)}
    assert page.request.post("/api/v1/auth/otp/verify", data=body, headers=origin).ok
    page.evaluate("localStorage.setItem('foleni.signed', 'true')")


def _deliver(page: Page, cloud: CloudProcess, message: dict[str, Any]) -> None:
    """Gives a message to the worker, as the browser does when its push service has one."""
    tools, found = page.context.new_cdp_session(page), []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    tools.send("ServiceWorker.enable")
    until(lambda: page.evaluate("1") and found, every_s=0.05)
    told = {"origin": cloud.url, "registrationId": found[0]["registrationId"], "data": json.dumps(message)}
    tools.send("ServiceWorker.deliverPushMessage", told)


def test_a_message_goes_all_the_way_to_the_ticket(
    browser: Browser, cloud: CloudProcess, gateway: Gateway, service: PushService
) -> None:
    token = Picture(cloud).ticket("waiting", "A042")
    with phone(browser, cloud.url, permissions=["notifications"]) as page:
        _sign_in(page, cloud, gateway)
        page.add_init_script(SUBSCRIBING.replace("SUBSCRIPTION", json.dumps(service.subscription)))
        page.goto(f"/t/{token}?lang=en")
        page.get_by_role("button", name="Tell me here when my turn is near").click()
        expect(page.get_by_text("Messages come to this phone now.")).to_be_visible()
        assert page.evaluate("asked") == [True, 65]
        cloud.run(lambda c: _call(c, f"{cloud.url}/t/{token}"))
        until(lambda: service.taken, every_s=0.05)
        message = service.taken[0]
        _deliver(page, cloud, message)
        until(lambda: page.evaluate(SHOWN), every_s=0.1)
        link = f"{cloud.url}/t/{token}"
        assert page.evaluate(SHOWN) == [
            {"title": message["title"], "body": message["text"], "tag": link, "link": link, "lang": "en"}
        ]
        assert page.context.service_workers[0].evaluate(TAPPED) == [link]
        page.goto("/me?lang=en")
        page.get_by_role("button", name="Sign out", exact=True).click()
        expect(page.get_by_role("heading", name="Join the queue from where you are")).to_be_visible()
        assert cloud.run(lambda c: c.execute(select(push_subscriptions)).all()) == []


def test_a_link_to_elsewhere_and_a_message_that_is_none_open_nothing_strange(
    browser: Browser, cloud: CloudProcess, gateway: Gateway
) -> None:
    with phone(browser, cloud.url, permissions=["notifications"]) as page:
        page.goto("/?lang=en")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        _deliver(page, cloud, {"title": "Called", "text": "x", "link": "https://elsewhere.example.org/"})
        until(lambda: page.evaluate(SHOWN), every_s=0.1)
        assert page.evaluate(SHOWN)[0]["link"] == f"{cloud.url}/me"


def test_strangers_and_odd_addresses_are_refused(cloud: CloudProcess, gateway: Gateway, service: PushService) -> None:
    ada, told = cloud.person(), service.subscription
    assert cloud.post("/api/v1/me/push", told).status_code == 401
    inside = cloud.post("/api/v1/me/push", told | {"endpoint": "https://10.0.0.7/x"}, ada)
    assert (inside.status_code, inside.json()["error"]["code"]) == (422, "invalid")
    first, again = cloud.post("/api/v1/me/push", told, ada), cloud.post("/api/v1/me/push", told, ada)
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    for n in range(12):
        cloud.post("/api/v1/me/push", told | {"endpoint": f"{told['endpoint']}{n}"}, ada)
    assert cloud.run(lambda c: len(c.execute(select(push_subscriptions)).all())) == 10


def _call(c: Connection, link: str) -> None:
    user = c.execute(select(users.c.id).where(users.c.phone == PHONE)).scalar_one()
    values = {"number": "A042", "counter": "3", "service": "Cash"}
    tell(c, kind=Occasion.CALLED, now=wall_clock(), user=user, language="en", values=values, link=link, once="called once")
