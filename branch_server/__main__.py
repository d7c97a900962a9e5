"""`foleni-branch`: starts a branch server and keeps it until it is told to end; its commands look after one."""

import gc
import sys
from importlib import import_module

from branch_server.adapters.db.connections import FILE_NAME
from branch_server.adapters.mqtt.broker_config import BrokerError
from branch_server.adapters.setup.file import SetupError
from branch_server.bootstrap import BranchSettings, build
from branch_server.engine.journal import EngineError
from foleni import logs, settings
from foleni.life import Life

PROGRAM = "foleni-branch"

_COMMANDS = {
    "broker": "branch_server.brokering:main",
    "fingerprint": "branch_server.fingerprint:main",
    "join": "foleni.joining.alone:main",
    "restore": "branch_server.restoring.command:main",
    "backup": "branch_server.keeping.commands:back_up",
    "backup-key": "branch_server.keeping.commands:make_key",
    "verify": "branch_server.keeping.commands:verify",
    "hand-over": "branch_server.standby.commands:hand_over",
    "take-over": "branch_server.standby.commands:take_over",
    "pair-status": "branch_server.standby.commands:status",
    "standby-papers": "branch_server.standby.commands:make_papers",
}
"""What this program does beside serving, each imported only where it is asked for."""


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 after an orderly end, 1 after a failure, 2 for a wrong setting or setup."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments and arguments[0] in _COMMANDS:
        module, _, name = _COMMANDS[arguments[0]].partition(":")
        return int(getattr(import_module(module), name)(arguments[1:]))
    given = settings.load(BranchSettings, PROGRAM, arguments)
    logs.set_up(given.log_level)
    if given.restore_from is not None and not (given.data / FILE_NAME).exists():
        from branch_server.restoring import first  # noqa: PLC0415 - only a first start needs it

        if not first.restored(given.data, given.restore_from, given.backup):
            return 1
    is_sure = False
    while True:
        life = Life(PROGRAM)
        try:
            branch = build(given, life, _tell, is_sure=is_sure)
        except SetupError as error:
            _tell(f"setup: {error}")
            return settings.WRONG
        except (EngineError, BrokerError) as error:
            _tell(str(error))
            return 1
        _calm_the_collector()
        status = life.run(branch.parts, branch.ready)
        if not life.becomes:
            return status
        is_sure = True


def _calm_the_collector() -> None:
    """What is loaded stays, and a day's tickets hold no cycles: looking through them all again and again costs up to 20 ms."""
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


def _tell(line: str) -> None:
    print(f"{PROGRAM}: {line}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it


if __name__ == "__main__":
    sys.exit(main())
