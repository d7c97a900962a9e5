"""Changes of the setup in words: what of which thing, from what to what."""

from collections.abc import Mapping
from typing import Any

from branch_server.web.admin.changes import Change
from branch_server.web.admin.kinds import fields_of
from foleni.words.catalogue import OWN_NAMES, Words, msgid, pick

_KINDS = {
    "branch": msgid("Branch"),
    "priority": msgid("Priority class"),
    "service": msgid("Service"),
    "counter": msgid("Counter"),
    "device": msgid("Device"),
    "staff": msgid("Person"),
    "template": msgid("Paper ticket"),
}
_FIELDS = {
    "name": msgid("Name"),
    "organization": msgid("Organization"),
    "time_zone": msgid("Time zone"),
    "languages": msgid("Languages"),
    "business_day_starts": msgid("Business day starts"),
    "remote_issuer": msgid("Letter of the app's own numbers"),
    "skip_places": msgid("Places back after a skip"),
    "max_skips": msgid("Skips before a no-show"),
    "no_show_after_s": msgid("No-show by itself, after seconds"),
    "url": msgid("Public address"),
    "hours": msgid("Opening hours"),
    "closures": msgid("Closures"),
    "wait_target_min": msgid("Wait target, in minutes"),
    "alerts.wait_min": msgid("Alert: wait over, in minutes"),
    "alerts.for_min": msgid("Alert: for, in minutes"),
    "alerts.paper": msgid("Alert: kiosk without paper"),
    "alerts.device_gone_min": msgid("Alert: device gone, in minutes"),
    "outcomes": msgid("Outcomes"),
    "park_reasons": msgid("Reasons to park"),
    "prefix": msgid("Prefix"),
    "service_time_s": msgid("Usual service time, in seconds"),
    "daily_limit": msgid("Tickets a day, at most"),
    "max_priority_run": msgid("Priority tickets in a row, at most"),
    "state": msgid("State at first"),
    "label": msgid("Label"),
    "services": msgid("Services"),
    "routing": msgid("Who is next"),
    "weights": msgid("Shares"),
    "credit_min": msgid("Credit, in minutes"),
    "kind": msgid("Kind"),
    "issuer": msgid("Letter of its own numbers"),
    "counter": msgid("Counter"),
    "role": msgid("Role"),
    "active": msgid("May sign in"),
    "width_px": msgid("Width of the paper, in dots"),
    "texts": msgid("Texts"),
    "footer": msgid("Footer"),
    "note": msgid("Note"),
    "tv": msgid("Settings of the hall display"),
}
_DAYS = {
    "mon": msgid("Mon"),
    "tue": msgid("Tue"),
    "wed": msgid("Wed"),
    "thu": msgid("Thu"),
    "fri": msgid("Fri"),
    "sat": msgid("Sat"),
    "sun": msgid("Sun"),
}
_MOST_LETTERS = 240


def told(change: Change, say: Words) -> dict[str, Any]:
    """`kind`, `id`, `what` (added, changed, removed), `title`, and a line for each field of a changed thing."""
    thing = change.after or change.before
    lines = list(_lines(change, say)) if change.what == "changed" else []
    title = f"{say(_KINDS[change.kind])} {_title(fields_of(thing), say) if thing is not None else change.id}"
    return {"kind": change.kind, "id": change.id, "what": change.what, "title": title, "lines": lines}


def _lines(change: Change, say: Words) -> list[str]:
    return [
        f"{say(_FIELDS[name]) if name in _FIELDS else name}: {in_words(name, old, say)} → {in_words(name, new, say)}"
        for name, old, new in change.fields()
    ]


def in_words(field: str, value: Any, say: Words) -> str:
    """A value as JSON has it, for people."""
    if value is None or value in ({}, [], ""):
        return say("nothing")
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if field == "hours":
        text = _hours(value, say)
    elif field == "closures":
        text = "; ".join(_closure(one, say) for one in value)
    else:
        text = _plainly(value)
    return text if len(text) <= _MOST_LETTERS else f"{text[:_MOST_LETTERS]} …"


def _title(fields: Mapping[str, Any], say: Words) -> str:
    label = fields.get("label")
    if label:
        return str(label)
    name = fields.get("name")
    if isinstance(name, dict):
        return pick(name, say.language)
    return str(name or fields["id"])


def _hours(value: Mapping[str, Any], say: Words) -> str:
    """`Mon 08:00-12:30 13:30-17:00, Tue …`; days without spans are closed."""
    week: Mapping[str, list[str]] = value.get("week", {})
    days = [f"{say(label)} {' '.join(week[day])}" for day, label in _DAYS.items() if week.get(day)]
    return ", ".join(days) if days else say("never open")


def _closure(closure: Mapping[str, Any], say: Words) -> str:
    days = closure["day"] if not closure.get("until") else f"{closure['day']} - {closure['until']}"
    name = pick(closure.get("name", {}), say.language)
    return f"{days} {name}".strip()


def _plainly(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{OWN_NAMES.get(name, name)}: {_plainly(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_plainly(inner) for inner in value)
    return str(value)
