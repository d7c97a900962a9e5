"""Which box is offered what, and when it may restart. Pure.

All boxes of a kind fetch and write a new version as soon as it is planned: that disturbs nobody. They restart one after
another: first a scout, the others when it is well, never two of a kind at once. The branch server's own box goes last, when the
new version has proved itself on the others.
"""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from branch_server.web.updates.plans import Board, Known, Plan, Window
from foleni.messages.updates import SERVER, Answer, Offer
from foleni.times import DAY_US, MINUTE_US, Instant, from_wire, to_datetime

USUALLY_S = 900
AT_ONCE_S = 30
_SILENT_US = DAY_US
"""A box that was not heard for so long is not waited for."""
_AWAY_US = 20 * MINUTE_US
"""So long a restarted box may take before the next one of its kind goes."""


@dataclass(frozen=True, slots=True)
class Here:
    """The branch at this moment. `is_quiet` says whether nobody waits and nobody is served."""

    now: Instant
    zone: str
    is_quiet: bool = True


def heard(board: Board, device: str, known: Known, here: Here) -> tuple[Board, Answer]:
    """What a box is answered that has just told how it stands, and the board after that."""
    known = _continued(board.known.get(device), known)
    board = board.heard(device, known)
    plan = board.plans.get(known.report.compatible)
    if plan is None or plan.when == "hold":
        return board, Answer()
    board = _with_scout(board, plan, device, here)
    plan = board.plans[plan.compatible]
    again_s = AT_ONCE_S if plan.when == "now" else USUALLY_S
    if known.outcome_of(plan) is not None or _is_there(known, plan) or has_failed(board, plan):
        return board, Answer()
    offer = Offer(
        plan=plan.id, version=plan.version, sha256=plan.sha256, size=plan.size, downgrade=plan.downgrade or plan.sha256 is None
    )
    if known.report.step != "installed" or held_by(board, plan, device, here) is not None:
        return board, Answer(offer=offer, again_s=again_s)
    sent = board.heard(device, known.model_copy(update={"sent_at": here.now}))
    return sent, Answer(offer=offer, restart=True, again_s=again_s)


def held_by(board: Board, plan: Plan, device: str, here: Here) -> str | None:
    """What an installed version waits for: `night`, `quiet`, or the name of a box. None where the box may restart."""
    if plan.when == "hold" or (plan.when == "night" and not is_night(board.window, here)):
        return "night"
    if device == SERVER:
        if plan.when == "night" and not here.is_quiet:
            return "quiet"
        return _first_unsettled(board, plan, here)
    scout = board.known.get(plan.scout or "")
    if plan.scout != device and scout is not None and not _is_well(scout, plan):
        return plan.scout
    return next((name for name in _mates(board, plan, device) if _is_on_its_way(board.known[name], plan, here)), None)


def is_night(window: Window, here: Here) -> bool:
    """Whether boxes may restart that are updated at night."""
    local = to_datetime(here.now).astimezone(ZoneInfo(here.zone)).time()
    begins, ends = _time(window.begins), _time(window.ends)
    return begins <= local < ends if begins <= ends else local >= begins or local < ends


def is_silent(known: Known, now: int) -> bool:
    """Whether a box is not waited for any more."""
    return now - known.heard_at > _SILENT_US


def has_failed(board: Board, plan: Plan) -> bool:
    """Whether a version did not do on a box: then it is nobody's any more until somebody chooses it anew."""
    outcomes = (known.outcome_of(plan) for known in board.known.values())
    return any(outcome is not None and outcome.came == "rolled_back" for outcome in outcomes)


def _continued(before: Known | None, known: Known) -> Known:
    """A report together with what the branch remembers of that box."""
    if before is None:
        return known
    is_same_end = known.report.outcome == before.report.outcome
    ended_at = before.ended_at if is_same_end and before.ended_at is not None else known.heard_at
    return known.model_copy(update={"sent_at": before.sent_at, "ended_at": ended_at})


def _with_scout(board: Board, plan: Plan, device: str, here: Here) -> Board:
    """The first box of its kind that asks goes first; another one where that one has fallen silent."""
    scout = board.known.get(plan.scout or "")
    if scout is not None and (scout.outcome_of(plan) is not None or not is_silent(scout, here.now)):
        return board
    return board.planned(plan.model_copy(update={"scout": device}))


def _mates(board: Board, plan: Plan, device: str) -> list[str]:
    return [name for name, known in board.known.items() if name != device and known.report.compatible == plan.compatible]


def _is_there(known: Known, plan: Plan) -> bool:
    return known.report.version == plan.version and known.report.step == "resting"


def _is_well(known: Known, plan: Plan) -> bool:
    outcome = known.outcome_of(plan)
    return outcome.came == "good" if outcome is not None else _is_there(known, plan)


def _is_on_its_way(known: Known, plan: Plan, here: Here) -> bool:
    """Whether a box was sent into its restart and has not said since that it is well."""
    sent = known.sent_at
    return sent is not None and here.now - sent < _AWAY_US and known.outcome_of(plan) is None and known.report.plan == plan.id


def _first_unsettled(board: Board, plan: Plan, here: Here) -> str | None:
    """A box that should have the same version and has not, or on which it did not do after this plan was made."""
    for name, known in board.known.items():
        other = board.plans.get(known.report.compatible)
        if name == SERVER or other is None or other.version != plan.version or other.when == "hold":
            continue
        if _is_well(known, other):
            continue
        ended = known.outcome_of(other) is not None
        if (ended and (known.ended_at or 0) >= from_wire(plan.at)) or (not ended and not is_silent(known, here.now)):
            return name
    return None


def _time(clock: str) -> time:
    return datetime.strptime(clock, "%H:%M").time()  # noqa: DTZ007 - a time of day has no zone
