"""Who comes in where the broker listens with TLS, and what each account may do there and in the clear on loopback."""

import json
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from branch_server.adapters.mqtt.dynsec_control import CONTROL_TOPIC, RESPONSE_TOPIC, DynsecControl
from branch_server.adapters.tls import making
from branch_server.adapters.tls.authority import Authority
from branch_server.domain.asking import WEB
from foleni.link import clock, tls
from tests.support.broker import Broker
from tests.support.peer import Peer
from tests.support.raw_mqtt import NOBODY_LISTENS, NOT_AUTHORIZED, OK, RawClient, RefusedError
from tests.support.tls_house import BRANCH, NAMES, TlsHouse, dates, forge
from tests.support.waiting import PATIENCE_S, until

ROOT = f"foleni/{BRANCH}/"
STATE = ("server", "services", "board", "counters/c1", "counters/+", "events/+", "devices/+/status", "devices/tv-1/status")
LEAVES = ("commands", "replies", "status", "config", "orders", "outcomes")
PLACES = (
    *(ROOT + place for place in (*STATE, "#", "counters/#", "counters/c1/x", "events/ticket_called", "board/x")),
    *(f"{ROOT}devices/{device}/{leaf}" for device in ("kiosk-1", "tv-1", "pad-1", "desk", WEB, "+") for leaf in LEAVES),
    *("#", "foleni/#", "foleni/other/board", "foleni/+/board", "$SYS/#", CONTROL_TOPIC, RESPONSE_TOPIC, "zigbee2mqtt/button"),
    *(f"$share/all/{ROOT}#", f"$share/all/{ROOT}devices/kiosk-1/replies"),
)
ACCOUNTS = ("server", "web", "kiosk-1", "tv-1", "pad-1", "desk")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsHouse]:
    made = TlsHouse(tmp_path_factory.mktemp("house"))
    yield made
    made.broker.stop()


def reads(account: str) -> set[str]:
    """What the account may subscribe to, of all places."""
    if account == "server":
        return {place for place in PLACES if place.startswith(ROOT)} | {CONTROL_TOPIC, RESPONSE_TOPIC}
    state = {ROOT + place for place in (*STATE, "events/ticket_called")}
    state |= {f"{ROOT}devices/{device}/status" for device in ("kiosk-1", "tv-1", "pad-1", "desk", WEB, "+")}
    if account == "web":
        outcomes = {f"{ROOT}devices/{device}/outcomes" for device in ("kiosk-1", "tv-1", "pad-1", "desk", WEB, "+")}
        return state | outcomes | {f"{ROOT}devices/{WEB}/replies"}
    return state | {f"{ROOT}devices/{account}/{leaf}" for leaf in ("replies", "config", "orders")}


def writes(account: str) -> set[str]:
    """What the account may publish to, of all places."""
    if account == "server":
        return {place for place in PLACES if place.startswith(ROOT)} | {CONTROL_TOPIC, RESPONSE_TOPIC}
    if account == "web":
        orders = {f"{ROOT}devices/{device}/orders" for device in ("kiosk-1", "tv-1", "pad-1", "desk", WEB)}
        return orders | {f"{ROOT}devices/{WEB}/{leaf}" for leaf in ("commands", "status")}
    return {f"{ROOT}devices/{account}/{leaf}" for leaf in ("commands", "status", "outcomes")}


@pytest.mark.parametrize("secure", [True, False], ids=["TLS", "loopback"])
@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_account_may_do_its_own_and_nothing_else(house: TlsHouse, account: str, secure: bool) -> None:
    with house.signed_in(account, secure=secure) as client:
        granted = {place for place in PLACES if client.subscribe(place) != NOT_AUTHORIZED}
        targets = [place for place in PLACES if "+" not in place and "#" not in place and not place.startswith("$share")]
        taken = {place for place in targets if client.publish(place, b"{}") in {OK, NOBODY_LISTENS}}
    assert granted == reads(account)
    assert taken == writes(account) & set(targets)


def refused(
    port: int, context: ssl.SSLContext | None, account: str, password: str | None, client_id: str | None = None
) -> bool:
    """Whether the broker lets nobody in who comes like this."""
    try:
        with RawClient(port, context) as client:
            return client.connect(account, password, client_id or account) != OK
    except RefusedError:
        return True


def test_both_factors_are_needed(house: TlsHouse) -> None:
    kiosk = house.credentials("kiosk-1")
    assert not refused(house.port, house.context(), "kiosk-1", kiosk.password)
    bare = tls.client_context(house.authority.ca_file, checks_time=False)
    assert refused(house.port, bare, "kiosk-1", kiosk.password)
    assert refused(house.port, None, "kiosk-1", kiosk.password)
    assert refused(house.port, house.context(), "kiosk-1", "wrong")
    assert refused(house.port, house.context(), "kiosk-1", None)
    assert refused(house.port, house.context(), "foleni_server", kiosk.password)


@pytest.mark.parametrize("what", ["expired", "not yet valid", "foreign authority", "self-signed", "the server's own"])
def test_a_certificate_that_is_not_good_lets_nobody_in(house: TlsHouse, tmp_path: Path, what: str) -> None:
    foreign = Authority.opened(tmp_path / "tls", BRANCH)
    chain, key = {
        "expired": lambda: forge(tmp_path, house.authority, *dates(-20, -1)),
        "not yet valid": lambda: forge(tmp_path, house.authority, *dates(10, 20)),
        "foreign authority": lambda: forge(tmp_path, foreign, *dates(-1, 20)),
        "self-signed": lambda: forge(tmp_path, None, *dates(-1, 20)),
        "the server's own": lambda: (house.authority.server_chain, house.authority.server_key),
    }[what]()
    context = tls.client_context(house.authority.ca_file, chain, key, checks_time=False)
    assert refused(house.port, context, "kiosk-1", house.credentials("kiosk-1").password)


def test_a_forged_certificate_with_good_dates_would_have_come_in(house: TlsHouse, tmp_path: Path) -> None:
    """So that the refusals above are for the reasons that they name."""
    context = tls.client_context(house.authority.ca_file, *forge(tmp_path, house.authority, *dates(-1, 20)), checks_time=False)
    assert not refused(house.port, context, "kiosk-1", house.credentials("kiosk-1").password)


def test_a_certificate_gives_no_rights_of_its_own(house: TlsHouse) -> None:
    """With one device's certificate and another one's password somebody has what the password gives, and no more."""
    tv = house.credentials("tv-1")
    with RawClient(house.port, house.context("kiosk-1")) as client:
        assert client.connect("tv-1", tv.password, "tv-1") == OK
        assert client.subscribe(f"{ROOT}devices/kiosk-1/replies") == NOT_AUTHORIZED
        assert client.publish(f"{ROOT}devices/kiosk-1/commands") == NOT_AUTHORIZED


def test_the_account_of_a_box_that_joined_serves_its_own_client_id_only(house: TlsHouse) -> None:
    password = house.credentials("kiosk-2").password
    assert not refused(house.port, house.context(), "kiosk-2", password, "kiosk-2")
    for stolen in ("kiosk-1", "kiosk-2-copy", f"foleni-{BRANCH}-server"):
        assert refused(house.port, house.context(), "kiosk-2", password, stolen)
    assert not refused(house.port, house.context(), "kiosk-1", house.credentials("kiosk-1").password, "any other")


def control_of(server: RawClient) -> DynsecControl:
    """The plugin's control over a client that waits for each answer itself."""

    def publish(topic: str, payload: bytes) -> None:
        server.arrived.clear()
        server.publish(topic, payload)
        until(lambda: server.is_alive() and server.arrived)
        for _, answer in server.arrived:
            control.receive(answer)

    control = DynsecControl(BRANCH, publish, timeout_s=30)
    assert server.subscribe(RESPONSE_TOPIC) == 1
    return control


def test_a_device_that_is_cut_off_is_thrown_out_and_its_good_certificate_is_of_no_use(tmp_path: Path) -> None:
    own = TlsHouse(tmp_path)
    try:
        password = own.credentials("kiosk-1").password
        with own.signed_in("kiosk-1", secure=True) as device, own.signed_in("tv-1", secure=True) as other:
            with own.signed_in("server", secure=False) as server:
                control_of(server).cut_off("kiosk-1")
            until(lambda: not device.is_alive())
            assert refused(own.port, own.context("kiosk-1"), "kiosk-1", password)
            assert other.is_alive()
    finally:
        own.broker.stop()


def test_strangers_who_say_nothing_or_nonsense_keep_nobody_out(house: TlsHouse) -> None:
    hello = bytes.fromhex("16030100c8010000c40303") + bytes(40)
    with ExitStack() as stack:
        for words in (b"", b"GET / HTTP/1.1\r\n\r\n", hello, hello[:5], bytes(range(256)) * 200) * 20:
            stranger = stack.enter_context(socket.create_connection(("127.0.0.1", house.port), PATIENCE_S))
            with suppress(OSError):
                stranger.sendall(words)
        with house.signed_in("kiosk-1", secure=True) as kiosk:
            assert kiosk.publish(f"{ROOT}devices/kiosk-1/status") in {OK, NOBODY_LISTENS}


def test_the_plugins_document_binds_who_joined(house: TlsHouse) -> None:
    clients = json.loads(house.broker.folder.accounts.read_bytes())["clients"]
    assert {client["username"]: client["clientid"] for client in clients if client.get("clientid")} == {"kiosk-2": "kiosk-2"}


@pytest.fixture
def set_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine's clock counts as synchronised."""
    folder = tmp_path / "timesync"
    folder.mkdir()
    (folder / "synchronized").touch()
    monkeypatch.setattr(clock, "TIMESYNC", folder)


@pytest.fixture
def unset_clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """This machine's clock was never synchronised."""
    monkeypatch.setattr(clock, "TIMESYNC", tmp_path)
    monkeypatch.setattr(clock, "_adjtimex", lambda: 5)


def test_our_link_takes_the_url_of_a_devices_file(house: TlsHouse, set_clock: None) -> None:
    with Peer(house.url(), "kiosk-1", f"{ROOT}board") as kiosk:
        kiosk.up()


def rogue(folder: Path, chain: Path, key: Path) -> Broker:
    """Somebody's broker that lets everybody in, with any certificate."""
    return Broker(folder, listener=f"certfile {chain}\nkeyfile {key}\n").start()


def refuses(house: TlsHouse, port: int, why: str) -> None:
    """Our link does not come up there, and says why; no password has gone there."""
    url = house.url()
    with Peer(type(url)(url.host, port, url.user, url.password, True, url.ca, url.cert, url.key, url.name), "kiosk-1") as kiosk:
        until(lambda: why in kiosk.link.fault)
        assert kiosk.ups == []


def test_a_rogue_server_is_refused_whatever_name_it_says(house: TlsHouse, tmp_path: Path, set_clock: None) -> None:
    theirs = Authority.opened(tmp_path / "tls", BRANCH)
    theirs.keep_server_certificate(NAMES)
    broker = rogue(tmp_path, theirs.server_chain, theirs.server_key)
    try:
        refuses(house, broker.port, "certificate verify failed")
    finally:
        broker.kill()


def test_a_device_of_this_branch_is_no_server_of_it(house: TlsHouse, tmp_path: Path, set_clock: None) -> None:
    broker = rogue(tmp_path, *house.papers("tv-1"))
    try:
        refuses(house, broker.port, "certificate verify failed")
    finally:
        broker.kill()


def test_a_certificate_outside_its_time_counts_only_where_the_clock_is_not_set(
    tmp_path: Path, house: TlsHouse, request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture
) -> None:
    broker = rogue(tmp_path, *expired_server(house.authority, tmp_path))
    try:
        request.getfixturevalue("set_clock")
        refuses(house, broker.port, "certificate verify failed")
        request.getfixturevalue("unset_clock")
        url = house.url()
        where = type(url)(url.host, broker.port, url.user, url.password, True, url.ca, url.cert, url.key, url.name)
        with Peer(where, "kiosk-1") as kiosk:
            kiosk.up()
        assert "clock is not set" in caplog.text
    finally:
        broker.kill()


def expired_server(authority: Authority, folder: Path) -> tuple[Path, Path]:
    """A server's certificate of this authority that ended while the server was switched off."""
    key, name = making.new_key(), f"{BRANCH}.foleni.internal"
    names, ended = making.server_names(BRANCH, NAMES), dates(-900, -30)[1]
    leaf = making._leaf(authority.certificate, making._subject(name, BRANCH), key.public_key(), names, ended)
    chain = making._signed(authority.certificate, authority._key, leaf, ExtendedKeyUsageOID.SERVER_AUTH)
    (folder / "old.pem").write_bytes(chain)
    (folder / "old.key").write_bytes(making.key_pem(key))
    return folder / "old.pem", folder / "old.key"
