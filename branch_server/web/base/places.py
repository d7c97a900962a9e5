"""Where a signed-in person can go: the pages at the top, and those inside the administration."""

from typing import Any

from branch_server.web.people.person import Person
from branch_server.web.people.rights import Action, may
from foleni.words.catalogue import Words, msgid

Place = tuple[str, str, str]
"""Its key, its address, and its name in words."""

_PLACES = (
    ("console", "/console", msgid("Counter"), Action.SEE_QUEUE),
    ("reception", "/reception", msgid("Reception"), Action.SEE_QUEUE),
    ("live", "/reports/live", msgid("Live"), Action.SEE_REPORTS),
    ("reports", "/reports", msgid("Reports"), Action.SEE_REPORTS),
)
_ADMIN_PLACES = (
    ("overview", "/admin", msgid("Overview"), Action.MANAGE_SETUP),
    ("branch", "/admin/branch", msgid("Branch and hours"), Action.MANAGE_SETUP),
    ("services", "/admin/services", msgid("Services"), Action.MANAGE_SETUP),
    ("counters", "/admin/counters", msgid("Counters"), Action.MANAGE_SETUP),
    ("priorities", "/admin/priorities", msgid("Priority classes"), Action.MANAGE_SETUP),
    ("people", "/admin/people", msgid("People"), Action.MANAGE_STAFF),
    ("shifts", "/admin/shifts", msgid("Shifts"), Action.PLAN_SHIFTS),
    ("devices", "/admin/devices", msgid("Devices"), Action.SEE_DEVICES),
    ("updates", "/admin/updates", msgid("Updates"), Action.MANAGE_UPDATES),
    ("tickets", "/admin/tickets", msgid("Paper tickets"), Action.MANAGE_DEVICES),
    ("tv", "/admin/tv", msgid("Hall displays"), Action.MANAGE_DEVICES),
    ("texts", "/admin/texts", msgid("Texts and languages"), Action.MANAGE_SETUP),
    ("hooks", "/admin/hooks", msgid("Webhooks"), Action.MANAGE_HOOKS),
    ("tokens", "/admin/tokens", msgid("Access tokens"), Action.MANAGE_TOKENS),
    ("backups", "/admin/backups", msgid("Backups"), Action.MANAGE_BACKUPS),
    ("second-server", "/admin/second-server", msgid("Second server"), Action.MANAGE_BACKUPS),
    ("audit", "/admin/audit", msgid("Audit log"), Action.SEE_AUDIT),
    ("move", "/admin/move", msgid("Import and export"), Action.MOVE_SETUP),
)


def places_of(person: Person, t: Words) -> list[Place]:
    """The pages at the top that a person may open. The administration opens at the first of its pages that is theirs."""
    places = [(key, url, t(label)) for key, url, label, action in _PLACES if may(person, action)]
    inside = admin_places_of(person, t)
    return [*places, ("admin", inside[0][1], t(msgid("Administration")))] if inside else places


def admin_places_of(person: Person, t: Words) -> list[Place]:
    """The pages inside the administration that a person may open."""
    return [(key, url, t(label)) for key, url, label, action in _ADMIN_PLACES if may(person, action)]


def frame_of(person: Person, t: Words, here: str, part: str = "") -> dict[str, Any]:
    """What `base/console_layout.html` and `base/admin_layout.html` need beside a page's own values: `here` is the key of
    the page at the top; inside the administration (`here` is `admin`) `part` is the key of the page in its side menu.
    """
    inside = admin_places_of(person, t)
    return {"person": person, "here": here, "part": part, "places": places_of(person, t), "admin_places": inside}
