"""Updates as the console shows them: kinds of boxes with their plans, bundles, and how each box stands."""

import json
from typing import Any

from branch_server.web.site import Site
from branch_server.web.updates.offering import has_failed, held_by, is_silent
from branch_server.web.updates.plans import Board, Known, Plan
from branch_server.web.updates.updates import Updates
from foleni.messages.updates import SERVER
from foleni.times import Instant, to_wire


def picture_of(site: Site, updates: Updates) -> dict[str, Any]:
    """Everything on the page. Times stand still while nothing happens."""
    board = updates.board
    names = sorted(
        {known.report.compatible for known in board.known.values()} | {one.compatible for one in updates.shelf.all()}
    )
    return {
        "kinds": [_kind(site, updates, board, name) for name in names],
        "bundles": [one.model_dump() | {"planned": updates.is_planned(one)} for one in updates.shelf.all()],
        "window": board.window.model_dump(),
        "room": updates.shelf.room_bytes() >> 20,
    }


def drawn(site: Site, updates: Updates) -> bytes:
    return json.dumps(picture_of(site, updates), ensure_ascii=False, separators=(",", ":")).encode()


def _kind(site: Site, updates: Updates, board: Board, compatible: str) -> dict[str, Any]:
    plan = board.plans.get(compatible)
    boxes = {name: known for name, known in board.known.items() if known.report.compatible == compatible}
    ways_back = {known.report.other for known in boxes.values() if known.report.other is not None}
    return {
        "compatible": compatible,
        "plan": plan.model_dump(exclude={"size"}) if plan is not None else None,
        "boxes": [_box(site, updates, board, plan, name, known) for name, known in boxes.items()],
        "back": sorted(way for way in ways_back if any(known.report.version != way for known in boxes.values())),
    }


def _box(site: Site, updates: Updates, board: Board, plan: Plan | None, name: str, known: Known) -> dict[str, Any]:
    report, here = known.report, updates.here()
    device = site.follower.state.devices.get(name)
    outcome = known.outcome_of(plan) if plan is not None else None
    told = outcome or report.outcome
    held = held_by(board, plan, name, here) if plan is not None and report.step == "installed" else None
    return {
        "id": name,
        "own": name == SERVER,
        "name": (device.name or {}) if device is not None else {},
        "version": report.version,
        "state": "silent" if is_silent(known, here.now) else _state(board, plan, known),
        "percent": report.percent,
        "waits_for": held or report.waits_for,
        "outcome": told.model_dump(exclude={"plan"}) if told is not None else None,
        "heard_at": to_wire(Instant(known.heard_at)),
    }


def _state(board: Board, plan: Plan | None, known: Known) -> str:
    """One word for how a box stands."""
    report, outcome = known.report, known.outcome_of(plan) if plan is not None else known.report.outcome
    if report.step != "resting":
        return report.step
    if outcome is not None:
        return outcome.came if outcome.came != "good" else "well"
    if plan is None or report.version == plan.version:
        return "well"
    if plan.when == "hold":
        return "held"
    return "stopped" if has_failed(board, plan) else "waiting"
