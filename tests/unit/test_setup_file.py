"""The setup file: all that a branch can be told before its first start, and what is wrong with it in words."""

import tomllib
from datetime import date

import pytest

from branch_server.adapters.setup.file import SetupError, parse_setup
from foleni.messages import commands as c
from foleni.messages.setup import AlertRules, Closure, Hours

WHOLE = """
[branch]
id = "main"
name = "Main"
wait_target_min = 10
outcomes = ["Done", "Came in vain"]
park_reasons = ["Waits for a copy"]

[branch.hours.week]
mon = ["08:00-12:30", "13:30-17:00"]
sat = ["09:00-12:00"]

[[branch.closures]]
day = 2026-12-25
until = "2026-12-26"
name = { en = "Christmas", fr = "Noël" }

[[branch.closures]]
day = "2027-01-01"

[branch.alerts]
wait_min = 40
for_min = 10
paper = false

[[service]]
id = "cash"
prefix = "A"
name = "Cash"

[service.hours.week]
mon = ["08:00-24:00"]

[[staff]]
id = "ada"
name = "Ada"
active = false
"""


def _fault(old: str, new: str) -> str:
    assert old in WHOLE
    with pytest.raises(SetupError) as error:
        parse_setup(tomllib.loads(WHOLE.replace(old, new)), "main.toml")
    return str(error.value)


def test_hours_closures_alerts_and_choices_are_read() -> None:
    setup = parse_setup(tomllib.loads(WHOLE), "main.toml")
    branch = next(command.branch for command in setup.commands if isinstance(command, c.SaveBranch))
    assert branch.hours == Hours(week={"mon": ("08:00-12:30", "13:30-17:00"), "sat": ("09:00-12:00",)})
    christmas = Closure(day=date(2026, 12, 25), until=date(2026, 12, 26), name={"en": "Christmas", "fr": "Noël"})
    assert branch.closures == (christmas, Closure(day=date(2027, 1, 1)))
    assert branch.alerts == AlertRules(wait_min=40, for_min=10, paper=False)
    assert (branch.wait_target_min, branch.outcomes) == (10, ("Done", "Came in vain"))
    assert branch.park_reasons == ("Waits for a copy",)


def test_a_services_own_hours_and_a_person_who_is_not_active_are_read() -> None:
    commands = parse_setup(tomllib.loads(WHOLE), "main.toml").commands
    service = next(command.service for command in commands if isinstance(command, c.SaveService))
    staff = next(command.staff for command in commands if isinstance(command, c.SaveStaff))
    assert service.hours == Hours(week={"mon": ("08:00-24:00",)})
    assert not staff.active


def test_what_is_not_told_is_as_ever() -> None:
    table = {"branch": {"id": "main", "name": "Main"}, "service": [{"id": "cash", "prefix": "A", "name": "Cash"}]}
    branch = next(c for c in parse_setup(table, "x").commands if c.type == "save_branch").branch  # type: ignore[attr-defined]
    assert (branch.hours, branch.closures, branch.wait_target_min, branch.alerts) == (None, (), 15, AlertRules())


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("08:00-12:30", "12:30-08:00", "branch, hours: Value error, a span of mon ends before it begins"),
        ("08:00-12:30", "08:00-14:00", "branch, hours: Value error, the spans of mon overlap"),
        ("08:00-24:00", "08:00-25:00", "service cash, hours, week, mon, 0: String should match pattern"),
        ("sat = ", "saturday = ", "branch, hours, week, saturday"),
        ("day = 2026-12-25", "day = 25", "branch, closures, 0, day: Value error, must be a day such as 2026-12-25"),
        ("2026-12-26", "2026-12-24", "branch, closures, 0: Value error, until is before day"),
        ("for_min = 10", "for_min = 0", "branch, alerts, for_min: Input should be greater than or equal to 1"),
        ("wait_target_min = 10", "wait_target = 10", "branch, wait_target: Extra inputs"),
        ("active = false", 'active = "later"', "staff ada, active: Input should be a valid boolean"),
    ],
)
def test_a_fault_is_named_with_its_place(old: str, new: str, fault: str) -> None:
    assert fault in _fault(old, new)
