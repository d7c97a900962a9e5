"""A box that is updated by a branch server, while its power is cut anywhere and its bundles are good and bad."""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from branch_server.web.updates.offering import Here, heard
from branch_server.web.updates.plans import Board, Known, Plan
from branch_server.web.updates.reading import BundleError, manifest_of
from foleni.messages.updates import Answer, Offer, Report
from foleni.times import Instant
from foleni.updating.agent import HEALTHY_WITHIN_S, Agent
from foleni.updating.errors import RefusedError
from foleni.updating.ports import Branch, Bundle
from foleni.updating.pretend import PretendBox
from tests.support.bundles import KIOSK
from tests.support.web import Visitor

FIRST = "0.1.0"
GOOD = ("0.2.0", "0.3.0")
BROKEN, SICK, FOREIGN = "0.4.0-broken", "0.5.0-sick", "0.6.0"
"""One that does not start, one that starts and is never healthy, and one of a stranger."""
_MOST_ROUNDS = 20


class PowerCutError(Exception):
    """The machine stands still at this instant."""


@dataclass(slots=True)
class CutBox(PretendBox):
    """A box whose power goes before or after its next writes; its bundles are real files."""

    cut_in: int = -1
    trusted: Callable[[Path], bool] = lambda _bundle: True
    installed: list[str] = field(default_factory=list)

    def inspect(self, bundle: Path) -> Bundle:
        try:
            told = manifest_of(bundle)
        except BundleError as error:
            raise RefusedError(str(error)) from error
        if not self.trusted(bundle):
            raise RefusedError("it is not signed by whom this box trusts")
        return Bundle(told.compatible, told.version)

    def install(self, bundle: Path) -> None:
        told = self.inspect(bundle)
        self.drop(self.spare)
        self.slots.pop(self.spare, None)
        self.cut()
        self.slots[self.spare] = told.version
        self.installed.append(told.version)
        self.cut()
        self.prefer(self.spare)
        self.cut()

    def prefer(self, slot: str) -> None:
        self.cut()
        PretendBox.prefer(self, slot)
        self.cut()

    def drop(self, slot: str) -> None:
        self.cut()
        PretendBox.drop(self, slot)
        self.cut()

    def give_up(self, slot: str) -> None:
        PretendBox.give_up(self, slot)
        self.cut()

    def cut(self) -> None:
        if self.cut_in >= 0:
            self.cut_in -= 1
            if self.cut_in < 0:
                raise PowerCutError


class CutBranch:
    """A branch server; the power may go before or after each answer."""

    def __init__(self, server: Branch, box: CutBox) -> None:
        self._server, self._box = server, box

    def ask(self, report: Report) -> Answer:
        self._box.cut()
        answer = self._server.ask(report)
        self._box.cut()
        return answer

    def fetch(self, offer: Offer, into: Path, progress: Callable[[int], object]) -> None:
        self._server.fetch(offer, into, progress)
        self._box.cut()


class World(Protocol):
    """A branch server and its administrator."""

    @property
    def server(self) -> Branch: ...

    @property
    def foreign(self) -> frozenset[str]:
        """Digests of strangers' bundles."""

    def plan(self, version: str, when: str) -> str:
        """The plan's id."""

    def drop(self) -> None:
        """Nothing is planned any more."""


@dataclass(slots=True)
class RealWorld:
    """A real branch server, asked over HTTP; the digests of its bundles by version."""

    ada: Visitor
    server: Branch
    digests: dict[str, str]

    @property
    def foreign(self) -> frozenset[str]:
        return frozenset({self.digests[FOREIGN]})

    def plan(self, version: str, when: str) -> str:
        body = {"sha256": self.digests[version], "when": when, "downgrade": True, "again": True}
        answer = self.ada.post("/api/v1/updates/plans", body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["id"])

    def drop(self) -> None:
        assert self.ada.post(f"/api/v1/updates/plans/{KIOSK}", method="DELETE").status_code == 200


@dataclass(slots=True)
class RulesAlone:
    """The server's rules without a server; its bundles are files that `write` makes for a version."""

    write: Callable[[str, Path], object]
    board: Board = field(default_factory=Board)

    @property
    def server(self) -> Branch:
        return self

    @property
    def foreign(self) -> frozenset[str]:
        return frozenset({_digest(FOREIGN)})

    def plan(self, version: str, when: str) -> str:
        bundle = {"compatible": KIOSK, "version": version, "sha256": _digest(version), "size": 9}
        chosen = {"id": str(uuid4()), "when": when, "downgrade": True, "by": "Ada", "at": "2026-11-21T10:00:00.000Z"}
        plan = Plan.model_validate({**bundle, **chosen})
        self.board = self.board.planned(plan)
        return plan.id

    def drop(self) -> None:
        self.board = self.board.without(KIOSK)

    def ask(self, report: Report) -> Answer:
        now = Instant(time.time_ns() // 1000)
        self.board, answer = heard(self.board, "kiosk-1", Known(report=report, heard_at=now), Here(now, "UTC"))
        return answer

    def fetch(self, offer: Offer, into: Path, progress: Callable[[int], object]) -> None:
        progress(50)
        self.write(offer.version, into)


def _digest(version: str) -> str:
    return hashlib.sha256(version.encode()).hexdigest()


class UpdateMachine(RuleBasedStateMachine):
    """Whatever happens, the box runs something that works, and in the end what was chosen if that works."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="update-"))
        self.box = CutBox(version=FIRST, compatible=KIOSK, trusted=self._is_trusted)
        self.chosen: tuple[str, str] | None = None
        self._drop()

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @rule(version=st.sampled_from([*GOOD, BROKEN, SICK, FOREIGN]), when=st.sampled_from(["now", "now", "hold"]))
    def plan(self, version: str, when: str) -> None:
        plan = self.world.plan(version, when)
        self.chosen = (version, plan) if when == "now" else None

    @rule()
    def take_it_back(self) -> None:
        self._drop()

    @rule(cut_in=st.one_of(st.just(-1), st.integers(0, 16)))
    def round(self, cut_in: int) -> None:
        self.box.cut_in = cut_in
        try:
            self._round()
        except PowerCutError:
            self.box.cut_in = -1
            self.box.start_anew()
        self.box.cut_in = -1

    @rule()
    def power_cut(self) -> None:
        self.box.start_anew()

    @rule()
    def time_passes(self) -> None:
        self._live()

    @rule(why=st.sampled_from(["", "somebody takes a ticket"]))
    def somebody_comes_or_goes(self, why: str) -> None:
        self.box.why_busy = why

    @invariant()
    def runs_what_works_or_is_on_trial(self) -> None:
        assert "broken" not in self.box.slots[self.box.slot]
        assert self.box.version in {FIRST, *GOOD, SICK}
        assert self.box.is_blessed or self.box.is_startable(self.box.spare) or self.box.left[self.box.slot] is not None

    @invariant()
    def never_takes_a_strangers(self) -> None:
        assert FOREIGN not in self.box.installed

    @invariant()
    def never_restarts_into_the_way_of_somebody(self) -> None:
        if self.box.wants_restart:
            assert not self.box.why_busy or not self.box.is_blessed
            self.box.start_anew()

    @rule()
    def in_the_end_it_runs_what_was_chosen(self) -> None:
        """From any state, without more faults."""
        self.box.why_busy = ""
        for _round in range(_MOST_ROUNDS):
            record = self._round()
            if self.box.wants_restart:
                self.box.start_anew()
            self._live()
            is_over = self.chosen is None or (record.outcome is not None and record.outcome.plan == self.chosen[1])
            if record.step == "resting" and self.box.is_blessed and is_over:
                break
        assert self.box.is_blessed
        assert self.box.primary == self.box.slot, "what is not wanted any more is not started by the next power cut"
        if self.chosen is None:
            return
        outcome = record.outcome
        assert outcome is not None
        version = self.chosen[0]
        assert (outcome.version, outcome.came) == (version, self._expected(version))
        assert (self.box.version == version) == (outcome.came == "good")
        before = len(self.box.installed)
        self._round()
        assert len(self.box.installed) == before, "what has ended is not tried again"

    def _expected(self, version: str) -> str:
        return {BROKEN: "rolled_back", SICK: "rolled_back", FOREIGN: "refused"}.get(version, "good")

    def _round(self) -> Any:
        return Agent(self.box, CutBranch(self.world.server, self.box), self.folder).round()

    def _live(self) -> None:
        """Long enough for a healthy version to have proved itself."""
        if "sick" not in self.box.slots[self.box.slot]:
            self.box.bless()
        self.box.uptime_s = HEALTHY_WITHIN_S + 1.0

    def _drop(self) -> None:
        self.world.drop()
        self.chosen = None

    def _is_trusted(self, bundle: Path) -> bool:
        return bundle.stem not in self.world.foreign
