"""A branch with a running server and one client per kind of device; each test makes its own services and counters."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import count, product
from pathlib import Path

from tests.support.branch import BranchProcess
from tests.support.client import Client, Json

BRANCH = "hall"
CODES = frozenset({
    "service_closed", "service_paused", "service_full", "unknown_service", "unknown_counter", "unknown_ticket",
    "nothing_waiting", "nothing_in_hand", "counter_closed", "not_allowed", "already_queued", "wrong_state", "invalid",
    "unavailable",
})  # fmt: skip
JOINED = {"ticket", "number", "service", "joined_at", "position", "ahead", "wait_p50_s", "wait_p90_s", "url"}
AT_COUNTER = {"counter", "in_hand", "waiting"}
IN_HAND = {"ticket", "number", "service", "status", "called_at", "call"}
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
NOWHERE = "01890000-0000-7000-8000-000000000000"

SETUP = """\
[branch]
id = "hall"
name = { en = "Hall", fr = "Salle" }
time_zone = "Africa/Kigali"
languages = ["en", "fr"]
remote_issuer = "R"
skip_places = 2
max_skips = 2

[[priority]]
id = "short"
name = "Short"
credit_min = 1

[[service]]
id = "cash"
prefix = "QA"
name = { en = "Cash", fr = "Caisse" }
service_time_s = 180

[[service]]
id = "mess"
prefix = "QB"
name = "Mess"

[[counter]]
id = "c1"
label = "One"
services = ["cash"]

[[counter]]
id = "c2"
label = "Two"
services = ["cash", "mess"]

[[device]]
id = "kiosk-1"
kind = "kiosk"
issuer = "X"

[[device]]
id = "kiosk-2"
kind = "kiosk"
issuer = "Y"

[[device]]
id = "kiosk-3"
kind = "kiosk"

[[device]]
id = "tv-1"
kind = "display"

[[device]]
id = "pad-1"
kind = "counter"
counter = "c1"

[[device]]
id = "desk"
kind = "console"

[[staff]]
id = "ada"
name = "Ada"
role = "admin"
pin = "482913"
"""

COMMANDS: tuple[Json, ...] = (
    {"type": "join", "service": "cash", "channel": "kiosk"},
    *(
        {"type": press, "counter": "c1"}
        for press in (
            "open_counter", "call_next", "recall", "start", "complete", "skip", "no_show", "park", "break_counter",
            "close_counter", "undo",
        )
    ),
    {"type": "call_ticket", "counter": "c1", "ticket": NOWHERE},
    {"type": "unpark", "counter": "c1", "ticket": NOWHERE},
    {"type": "transfer", "ticket": NOWHERE, "to_service": "mess"},
    {"type": "cancel", "ticket": NOWHERE},
    {"type": "check_in", "ticket": NOWHERE},
    {"type": "add_note", "ticket": NOWHERE, "text": "x"},
    {"type": "set_priority", "ticket": NOWHERE, "priority": "vip"},
    {"type": "rate", "ticket": NOWHERE, "stars": 5},
    {"type": "open_service", "service": "cash"},
    {"type": "pause_service", "service": "cash"},
    {"type": "close_service", "service": "cash"},
    {"type": "announce", "text": "x"},
    {"type": "close_day"},
    {"type": "save_branch", "branch": {"id": "hall", "name": "Hall", "remote_issuer": "R"}},
    {"type": "save_priority", "priority": {"id": "short", "name": "Short", "credit_min": 1}},
    {"type": "save_service", "service": {"id": "mess", "prefix": "QB", "name": "Mess"}},
    {"type": "save_counter", "counter": {"id": "c2", "label": "Two", "services": ["cash", "mess"]}},
    {"type": "save_device", "device": {"id": "tv-1", "kind": "display"}},
    {"type": "save_staff", "staff": {"id": "bob", "name": "Bob"}},
    {"type": "save_template", "template": {"id": "small", "width_px": 384}},
    {"type": "remove_priority", "priority": "none-such"},
    {"type": "remove_service", "service": "none-such"},
    {"type": "remove_counter", "counter": "none-such"},
    {"type": "remove_device", "device": "none-such"},
    {"type": "remove_staff", "staff": "none-such"},
    {"type": "remove_template", "template": "none-such"},
)  # fmt: skip
"""One right command of every type, without its id."""

_prefixes = (f"{first}{second}" for first, second in product("ABCDEFGHIJKLM", "ABCDEFGHIJKLM"))
_numbers = count(1)


class Hall:
    """`desk`, `kiosk`, `pad` and `tv` are connected; everything is asked over `desk` unless a client is named."""

    def __init__(self, server: BranchProcess, port: int, stack: ExitStack, *, with_accounts: bool) -> None:
        self.server = server
        self.port = port
        self._stack = stack
        self._with_accounts = with_accounts
        self._sessions: dict[str, Client] = {}
        self.desk, self.kiosk, self.pad, self.tv = map(self.session, ("desk", "kiosk-1", "pad-1", "tv-1"))

    def client(self, device: str, *, session_s: int = 0, client_id: str | None = None) -> Client:
        """A further client of a device; it is gone when the hall closes."""
        password = self.server.account(device).password if self._with_accounts else None
        client = Client(self.port, BRANCH, device, password, session_s=session_s, client_id=client_id)
        return self._stack.enter_context(client)

    def session(self, device: str) -> Client:
        """A client of a device, made at the first time."""
        if device not in self._sessions:
            self._sessions[device] = self.client(device)
        return self._sessions[device]

    def service(self, **fields: object) -> str:
        """A new open service with an empty queue."""
        name = f"s{next(_numbers)}"
        service = {"id": name, "prefix": next(_prefixes), "name": {"en": f"Service {name}"}} | fields
        self.done({"type": "save_service", "service": service})
        return name

    def counter(self, *services: str, **fields: object) -> str:
        """A new counter, open."""
        number = next(_numbers)
        name = f"k{number}"
        counter = {"id": name, "label": f"K{number}", "services": list(services)} | fields
        self.done({"type": "save_counter", "counter": counter})
        self.done({"type": "open_counter", "counter": name})
        return name

    def place(self, **fields: object) -> tuple[str, str]:
        """A new service and a counter for it."""
        service = self.service(**fields)
        return service, self.counter(service)

    def join(self, service: str, client: Client | None = None, **fields: object) -> Json:
        """A ticket, as the reply shows it."""
        command = {"type": "join", "service": service, "channel": "kiosk"} | fields
        return self.done(command, client)

    def at(self, counter: str, what: str, client: Client | None = None, **fields: object) -> Json:
        """A press at a counter; the result."""
        return self.done({"type": what, "counter": counter} | fields, client)

    def call(self, counter: str) -> Json | None:
        """Call next; what is in hand then."""
        held: Json | None = self.at(counter, "call_next")["in_hand"]
        return held

    def called(self, counter: str, times: int) -> list[str]:
        """The numbers of the next so many calls."""
        return [str((self.call(counter) or {})["number"]) for _ in range(times)]

    def done(self, command: Json, client: Client | None = None) -> Json:
        """The result of a command that is accepted."""
        reply = (client or self.desk).ask(command)
        assert reply["ok"], reply
        result: Json = reply["result"]
        return result

    def refused(self, command: Json, client: Client | None = None) -> str:
        """The code of a command that is refused; its form is checked."""
        return str(self.refusal(command, client)["code"])

    def refusal(self, command: Json, client: Client | None = None) -> Json:
        reply = (client or self.desk).ask(command)
        assert reply["ok"] is False, reply
        assert "result" not in reply or reply["error"]["code"] == "already_queued", reply
        error: Json = reply["error"]
        assert error["code"] in CODES
        assert isinstance(error["message"], str)
        assert error["message"]
        return error


@contextmanager
def open_hall(directory: Path, mqtt: str = "managed", port: int | None = None) -> Iterator[Hall]:
    """A hall with a managed broker, or with one that is given by URL and port and keeps no accounts."""
    with BranchProcess(directory, SETUP, mqtt) as server, ExitStack() as stack:
        yield Hall(server, port or server.port, stack, with_accounts=port is None)
