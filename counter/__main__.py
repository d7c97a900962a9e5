"""`foleni-counter`: works the call units and buttons of one or more counters until it is told to end; a box that has no branch
joins one first.
"""

import sys

from counter.bootstrap import build
from counter.joining import join
from counter.settings import CounterSettings
from foleni.joining.starting import Program, Start, begin, go_on
from foleni.life import Life

PROGRAM = Program("foleni-counter", "counter")


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 after an orderly end, 1 after a failure, 2 for a wrong setting, 75 to be started again."""
    start = begin(CounterSettings, PROGRAM, argv)
    life = Life(PROGRAM.name)
    return go_on(life, _run(start, life), argv)


def _run(start: Start[CounterSettings], life: Life) -> int:
    if start.settings.seat is None:
        return join(start, life)
    agent = build(start.settings, life)
    return life.run([*agent.parts, *start.keeping(life, agent.station)], lambda: agent.ready)


if __name__ == "__main__":
    sys.exit(main())
