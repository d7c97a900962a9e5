"""What comes down while storage is broken is done later, and what can never be done holds nothing up."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from branch_server.adapters.sync.address import CloudUrl, TokenFile
from branch_server.adapters.sync.asked import Understanding
from branch_server.adapters.sync.clocks import BranchClock, CloudClock
from branch_server.adapters.sync.poller import Poller
from branch_server.adapters.sync.replier import Replier
from branch_server.adapters.sync.standing import Standing
from branch_server.adapters.sync.wire import Wire
from branch_server.domain.asking import Sender
from branch_server.engine.batching import Done
from branch_server.engine.codec import compact
from branch_server.engine.journal import Answer
from foleni.messages.commands import Command, Join
from foleni.messages.replies import Code, refusal
from foleni.times import SECOND_US, Instant, to_wire
from tests.support.odd_cloud import OddCloud
from tests.support.synced import join
from tests.support.waiting import PATIENCE_S, until


class Ledger:
    """Does what it is asked, but for the commands in `cannot`, and remembers in which order."""

    def __init__(self) -> None:
        self.cannot: set[str] = set()
        self.done: list[Command] = []

    def submit(self, command: Command, sender: Sender, done: Done, *, deadline: float | None = None) -> None:
        if command.id in self.cannot or "*" in self.cannot:
            done(Answer(command.key, sender.name, refusal(command.id, Code.UNAVAILABLE, "Later.").to_wire()))
            return
        self.done.append(command)
        done(Answer(command.key, sender.name, compact({"command": command.id, "ok": True, "seq": 1, "result": {}})))


@contextmanager
def polling(folder: Path, cloud: OddCloud, ledger: Ledger) -> Iterator[None]:
    (folder / "token").write_text(cloud.token)
    url, token, clock = CloudUrl(cloud.url), TokenFile(folder / "token"), CloudClock()
    standing = Standing(lambda _sentence: None)
    replier = Replier(Wire(url, "main-street", token, clock), standing, token)
    understanding = Understanding(clock, BranchClock(Instant(cloud.now_us())))
    poller = Poller(Wire(url, "main-street", token, clock), standing, token, ledger, understanding, replier.add)
    workers = (replier, poller)
    for worker in workers:
        worker.start()
    yield
    for worker in workers:
        worker.end()
    for worker in workers:
        worker.join(PATIENCE_S)


def test_what_storage_does_not_take_is_done_when_it_does(tmp_path: Path) -> None:
    ledger, asked = Ledger(), [join(), join()]
    ledger.cannot.add("*")
    with OddCloud() as cloud, polling(tmp_path, cloud, ledger):
        cloud.ask(*asked)
        until(lambda: cloud.asked("GET commands") >= 3, PATIENCE_S)
        assert not cloud.replies
        ledger.cannot.clear()
        assert all(cloud.reply_to(one)["ok"] for one in asked)
    assert [command.id for command in ledger.done][:2] == [one["id"] for one in asked]


def test_one_that_can_never_be_done_holds_no_other_up(tmp_path: Path) -> None:
    ledger, bad = Ledger(), join()
    ledger.cannot.add(bad["id"])
    with OddCloud() as cloud, polling(tmp_path, cloud, ledger):
        cloud.ask(bad)
        for _ in range(3):
            good = join()
            cloud.ask(good)
            assert cloud.reply_to(good)["ok"]
        assert bad["id"] not in cloud.replies


def test_what_waited_until_it_was_too_late_is_answered_so(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.cannot.add("*")
    with OddCloud() as cloud, polling(tmp_path, cloud, ledger):
        late = join(expires_at=to_wire(cloud.now_us() + SECOND_US))
        cloud.ask(late)
        assert cloud.reply_to(late)["error"]["code"] == "unavailable"


def test_of_one_join_with_and_without_a_number_the_later_counts(tmp_path: Path) -> None:
    ledger, first = Ledger(), join()
    with OddCloud() as cloud:
        cloud.ask(first, {**first, "number": "AR01", "joined_at": to_wire(cloud.now_us())})
        with polling(tmp_path, cloud, ledger):
            assert cloud.reply_to(first)["ok"]
    assert [command.number for command in ledger.done if isinstance(command, Join)][:1] == ["AR01"]
