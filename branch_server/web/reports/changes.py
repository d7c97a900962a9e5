"""How the figures of one period compare with those of another."""

from typing import Any

COMPARED = (
    "issued", "served", "no_show", "abandoned", "wait_mean_s", "wait_p50_s", "wait_p90_s", "within_target", "service_mean_s",
    "service_p50_s", "service_p90_s", "no_show_rate", "abandonment", "stars", "idle_share", "open_s",
)  # fmt: skip
BETTER_MORE = frozenset({"within_target", "stars"})
"""Figures that a branch wants to grow; of how much there was to do neither is better, and of all others less is."""
NEITHER = frozenset({"issued", "served", "open_s", "idle_share"})
LEAST = 0.0005
"""What is shown as a change at all: a twentieth of a percent."""


def change(now: float | None, before: float | None) -> float | None:
    """The change as a share of what was before: 0.25 is a quarter more. None where it cannot be said."""
    if now is None or before is None or not before:
        return None
    return round((now - before) / before, 4)


def changes(now: dict[str, Any], before: dict[str, Any]) -> dict[str, float | None]:
    """The change of each figure that both have."""
    return {name: change(now[name], before[name]) for name in COMPARED if name in now and name in before}


def is_better(name: str, changed: float) -> bool | None:
    """Whether a change is good news; None where it is neither."""
    if name in NEITHER or abs(changed) < LEAST:
        return None
    return (changed > 0) == (name in BETTER_MORE)
