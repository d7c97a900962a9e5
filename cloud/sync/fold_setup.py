"""The part of the fold that is about what a branch is made of."""

from collections.abc import Callable
from typing import Any

from cloud.sync.picture import Counter, Fact, Picture, Service
from cloud.sync.reading import names, text, texts, thing, whole

_DEFAULT_TIME_S = 300


def _branch_saved(picture: Picture, fact: Fact) -> None:
    picture.setup = _plain(thing(fact.data, "branch"))
    picture.changes.branch = True


def _announced(picture: Picture, fact: Fact) -> None:
    picture.notice = texts(fact.data, "text")
    picture.changes.branch = True


def _service_saved(picture: Picture, fact: Fact) -> None:
    """A new one stands behind the others, in the state that it is described with; a known one keeps both."""
    told = thing(fact.data, "service")
    service_id = text(told, "id")
    if not service_id:
        return
    known = picture.services.get(service_id)
    if known is None:
        place = 1 + max((one.place for one in picture.services.values()), default=0)
        known = Service(service_id, place, "", {}, _DEFAULT_TIME_S, text(told, "state") or "open")
        picture.services[service_id] = known
    known.prefix = text(told, "prefix") or known.prefix
    known.name = texts(told, "name") or known.name or {"en": service_id}
    known.service_time_s = whole(told, "service_time_s") or _DEFAULT_TIME_S
    known.daily_limit = whole(told, "daily_limit")
    picture.changes.services.add(service_id)


def _service_removed(picture: Picture, fact: Fact) -> None:
    service = text(fact.data, "service") or ""
    if picture.services.pop(service, None) is not None:
        picture.changes.services.add(service)


def _counter_saved(picture: Picture, fact: Fact) -> None:
    told = thing(fact.data, "counter")
    counter_id = text(told, "id")
    if not counter_id:
        return
    known = picture.counters.setdefault(counter_id, Counter(counter_id, counter_id, []))
    known.label, known.services = text(told, "label") or counter_id, names(told, "services")
    picture.changes.counters.add(counter_id)


def _counter_removed(picture: Picture, fact: Fact) -> None:
    counter = text(fact.data, "counter") or ""
    if picture.counters.pop(counter, None) is not None:
        picture.changes.counters.add(counter)


def _plain(value: Any) -> Any:
    """A description without letters that no database keeps."""
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, dict):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


SETUP_FOLDS: dict[str, Callable[[Picture, Fact], None]] = {
    "branch_saved": _branch_saved,
    "announced": _announced,
    "service_saved": _service_saved,
    "service_removed": _service_removed,
    "counter_saved": _counter_saved,
    "counter_removed": _counter_removed,
}
