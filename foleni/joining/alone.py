"""`foleni-branch join`: a second branch server is let into its branch as a box is, and ends when it has what it needs."""

import sys

from foleni.joining.starting import Program, begin
from foleni.life import Life
from foleni.station.settings import StationSettings

PROGRAM = Program("foleni-branch join", "standby")


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 once it has joined, 1 after a failure or where it was ended before that, 2 for a wrong setting."""
    start = begin(StationSettings, PROGRAM, argv)
    if start.member is None:
        life = Life(PROGRAM.name)
        status = life.run([("joining", start.joining(life, lambda _: None))], lambda: "to join a branch")
        return status if life.becomes else 1
    member = start.member
    print(f"{PROGRAM.name}: {member.device} of branch {member.branch}", file=sys.stderr)  # noqa: T201 - the answer
    return 0
