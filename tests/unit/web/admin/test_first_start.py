"""The branch that stands there before anybody has described one."""

import pytest

from branch_server.adapters.setup.first import first_setup


@pytest.mark.parametrize(
    ("host", "branch"),
    [("front-desk", "front-desk"), ("Front_Desk.example.lan", "front-desk"), ("localhost", "branch"), ("", "branch"),
     ("日本", "branch"), ("x" * 60, "x" * 32)],
)  # fmt: skip
def test_a_new_branch_is_named_after_its_machine(host: str, branch: str) -> None:
    setup = first_setup(host)
    assert [command.type for command in setup.commands] == ["save_branch", "save_staff"]
    assert setup.commands[0].branch.id == branch  # type: ignore[attr-defined]
    assert setup.pins == {"admin": None}, "its code is made at the first start, and told once"
