"""`foleni-web`: starts the web side of a branch; a branch server with `--http` starts it by itself."""

import sys

from branch_server.engine.journal import EngineError
from branch_server.web.bootstrap import build
from branch_server.web.settings import WebSettings
from branch_server.web.store.store import StoreError
from foleni import logs, settings
from foleni.life import Life
from foleni.web.serving import ServeError

PROGRAM = "foleni-web"


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 after an orderly end, 1 after a failure, 2 for a wrong setting."""
    given = settings.load(WebSettings, PROGRAM, argv)
    logs.set_up(given.log_level)
    life = Life(PROGRAM)
    try:
        web = build(given, life)
    except ServeError as error:
        _tell(str(error))
        return settings.WRONG
    except (EngineError, StoreError) as error:
        _tell(str(error))
        return 1
    return life.run(web.parts, web.ready)


def _tell(line: str) -> None:
    print(f"{PROGRAM}: {line}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it


if __name__ == "__main__":
    sys.exit(main())
