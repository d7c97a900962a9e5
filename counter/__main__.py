"""`foleni-counter`: works the call units and buttons of one or more counters until it is told to end."""

import sys

from counter.bootstrap import build
from counter.settings import CounterSettings
from foleni import logs, settings
from foleni.life import Life

PROGRAM = "foleni-counter"


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 after an orderly end, 1 after a failure, 2 for a wrong setting."""
    given = settings.load(CounterSettings, PROGRAM, argv)
    logs.set_up(given.log_level)
    life = Life(PROGRAM)
    agent = build(given, life)
    return life.run(agent.parts, lambda: agent.ready)


if __name__ == "__main__":
    sys.exit(main())
