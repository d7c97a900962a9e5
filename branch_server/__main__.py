"""`foleni-branch`: starts a branch server and keeps it until it is told to end; `foleni-branch restore` brings one back."""

import gc
import sys

from branch_server.adapters.mqtt.broker_config import BrokerError
from branch_server.adapters.setup.file import SetupError
from branch_server.bootstrap import BranchSettings, build
from branch_server.engine.journal import EngineError
from foleni import logs, settings
from foleni.life import Life

PROGRAM = "foleni-branch"


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 after an orderly end, 1 after a failure, 2 for a wrong setting or setup."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == ["restore"]:
        from branch_server.restoring import command  # noqa: PLC0415 - a start of the branch server does not need it

        return command.main(arguments[1:])
    given = settings.load(BranchSettings, PROGRAM, arguments)
    logs.set_up(given.log_level)
    life = Life(PROGRAM)
    try:
        branch = build(given, life, _tell)
    except SetupError as error:
        _tell(f"setup: {error}")
        return settings.WRONG
    except (EngineError, BrokerError) as error:
        _tell(str(error))
        return 1
    _calm_the_collector()
    return life.run(branch.parts, branch.ready)


def _calm_the_collector() -> None:
    """What is loaded stays, and a day's tickets hold no cycles: looking through them all again and again costs up to 20 ms."""
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def _tell(line: str) -> None:
    print(f"{PROGRAM}: {line}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it


if __name__ == "__main__":
    sys.exit(main())
