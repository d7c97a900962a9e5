"""One round of the agent: find out what became of the last step, tell and ask the branch server, do the next step.

A round can end, with the power, on any line: the next one goes on. What has been tried and did not work is not tried again
until somebody chooses it anew, which is another plan.
"""

import logging
from pathlib import Path

from foleni.messages.updates import Answer, Came, Offer, Outcome, Report
from foleni.updating.errors import BranchAwayError, InstallError, RefusedError
from foleni.updating.ports import Box, Branch
from foleni.updating.record import Memory, Record
from foleni.updating.versions import is_older

_log = logging.getLogger(__name__)

HEALTHY_WITHIN_S = 1200.0
"""A new version whose application is not healthy so long after the start is given up. The image restarts such a box earlier,
and counts it as a try; this is for one that does not even do that.
"""
_MOST_STEPS = 6
_USUALLY_S = 900


class Agent:
    """`folder` is where bundles are fetched to. Not for two threads, nor two processes, at once."""

    def __init__(self, box: Box, branch: Branch, folder: Path) -> None:
        self._box = box
        self._branch = branch
        self._memory = Memory(folder)
        self._folder = folder
        self._waits_for = ""
        self.again_s = _USUALLY_S
        """When the branch wants to be asked again."""

    def round(self) -> Record:
        """As far as one can get now. Raises `UpdateError` for a box that cannot keep what it does."""
        record = self._settled(self._memory.load())
        for _step in range(_MOST_STEPS):
            try:
                answer = self._branch.ask(self._report(record))
            except BranchAwayError as error:
                _log.info("nothing is offered: %s", error)
                return record
            self.again_s = answer.again_s
            before, record = record, self._done(record, answer)
            if record == before:
                return record
        return record

    def _settled(self, record: Record) -> Record:
        """The record after what may have happened since: a restart into the new version, or a fall back out of it."""
        offer, box = record.offer, self._box
        if offer is None or record.boot == box.boot_id or record.step not in {"installing", "installed", "trying"}:
            return self._still_trying(record)
        if box.slot == record.slot:
            return self._still_trying(self._memory.keep(record.model_copy(update={"step": "trying"})))
        is_whole = offer.sha256 is None and record.step == "installed" and box.is_startable(record.slot or "")
        if is_whole or (record.step == "installing" and not box.was_tried(record.slot or "")):
            _log.warning("the power went before %s was ready to start: once more", offer.version)
            return self._memory.keep(Record(step="fetching", offer=offer, outcome=record.outcome))
        return self._ended(offer, "rolled_back", "it did not start, or its application was not healthy")

    def _still_trying(self, record: Record) -> Record:
        """A new version is kept once it has proved itself, and left where it does not in time."""
        if record.step != "trying" or record.offer is None:
            return record
        if self._box.is_blessed:
            return self._ended(record.offer, "good")
        if self._box.uptime_s > HEALTHY_WITHIN_S and self._box.is_startable(self._box.spare):
            _log.error("%s is not healthy: back to the version before", record.offer.version)
            self._box.give_up(self._box.slot)
            self._box.restart()
        return record

    def _report(self, record: Record, percent: int | None = None) -> Report:
        box = self._box
        other = box.release(box.spare) if box.is_startable(box.spare) else None
        plan = record.offer.plan if record.offer is not None else None
        return Report(
            compatible=box.compatible, version=box.version, slot=box.slot, other=other, step=record.step, plan=plan,
            percent=percent, waits_for=self._waits_for, outcome=record.outcome,
        )  # fmt: skip

    def _done(self, record: Record, answer: Answer) -> Record:
        """The record after the next step towards what is offered."""
        offer, begun = answer.offer, record.offer
        if record.step == "trying":
            return record
        if begun is not None and (offer is None or offer.plan != begun.plan):
            return self._dropped(record)
        if record.step == "installed":
            return self._restarted(record) if answer.restart else record
        if offer is None or (record.outcome is not None and record.outcome.plan == offer.plan):
            return record
        return self._put(offer, record)

    def _put(self, offer: Offer, record: Record) -> Record:
        """The offered version is in the other slot, or there is a reason why not."""
        if offer.version == self._box.version:
            return self._ended(offer, "good")
        try:
            return self._returning(offer, record) if offer.sha256 is None else self._installed(offer, record)
        except RefusedError as error:
            return self._ended(offer, "refused", str(error))
        except InstallError as error:
            return self._ended(offer, "failed", str(error))

    def _installed(self, offer: Offer, record: Record) -> Record:
        """Fetched, checked and written; the running version is untouched."""
        fetching = self._memory.keep(Record(step="fetching", offer=offer, outcome=record.outcome))
        bundle = self._folder / f"{offer.sha256}.raucb"
        self._forget_bundles(bundle)
        try:
            self._branch.fetch(offer, bundle, lambda percent: self._tell(fetching, percent))
        except BranchAwayError as error:
            _log.warning("%s is fetched further later: %s", offer.version, error)
            return record if record == fetching else fetching
        self._check(offer, bundle)
        box = self._box
        self._memory.keep(self._aimed("installing", offer, record))
        _log.info("%s is written to slot %s", offer.version, box.spare)
        box.install(bundle)
        installed = self._memory.keep(self._aimed("installed", offer, record))
        self._forget_bundles()
        return installed

    def _check(self, offer: Offer, bundle: Path) -> None:
        """Raises `RefusedError` for a bundle that is not what this box should have."""
        found, box = self._box.inspect(bundle), self._box
        if found.compatible != box.compatible:
            raise RefusedError(f"it is made for {found.compatible}, this is {box.compatible}")
        if found.version != offer.version:
            raise RefusedError(f"it holds {found.version}, not {offer.version}")
        if is_older(found.version, box.version) and not offer.downgrade:
            raise RefusedError(f"{found.version} is older than {box.version}, and nobody chose to go back")

    def _returning(self, offer: Offer, record: Record) -> Record:
        """The version in the other slot is to be started."""
        box = self._box
        if box.release(box.spare) != offer.version or not box.is_startable(box.spare):
            raise RefusedError(f"{offer.version} is not in the other slot any more")
        aimed = self._memory.keep(self._aimed("installed", offer, record))
        box.prefer(box.spare)
        return aimed

    def _restarted(self, record: Record) -> Record:
        """A restart is under way, unless somebody would be disturbed."""
        self._waits_for = self._box.busy()
        if self._waits_for:
            _log.info("no restart yet: %s", self._waits_for)
            self._tell(record)
            return record
        self._box.prefer(self._box.spare)
        self._box.restart()
        return record

    def _dropped(self, record: Record) -> Record:
        """What was begun is not wanted any more."""
        is_aimed = record.step in {"installing", "installed"} and record.slot == self._box.spare
        if is_aimed and record.offer is not None and record.offer.sha256 is None:
            self._box.prefer(self._box.slot)
        elif is_aimed:
            self._box.drop(self._box.spare)
        self._forget_bundles()
        return self._memory.keep(Record(outcome=record.outcome))

    def _ended(self, offer: Offer, came: Came, reason: str = "") -> Record:
        _log.log(logging.INFO if came == "good" else logging.ERROR, "%s: %s %s", offer.version, came, reason)
        outcome = Outcome(plan=offer.plan, version=offer.version, came=came, reason=reason[:300])
        ended = self._memory.keep(Record().ended(outcome))
        self._forget_bundles()
        return ended

    def _aimed(self, step: str, offer: Offer, record: Record) -> Record:
        box = self._box
        return Record.model_validate(
            {"step": step, "offer": offer, "slot": box.spare, "boot": box.boot_id, "outcome": record.outcome}
        )

    def _forget_bundles(self, spared: Path | None = None) -> None:
        for path in self._folder.glob("*.raucb*"):
            if spared is None or not path.name.startswith(spared.name):
                path.unlink(missing_ok=True)

    def _tell(self, record: Record, percent: int | None = None) -> None:
        """Tells the branch how things stand; it matters only to who looks."""
        try:
            self._branch.ask(self._report(record, percent))
        except BranchAwayError as error:
            _log.debug("the branch does not hear how it stands: %s", error)
