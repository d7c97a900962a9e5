"""`foleni-cloud`: serves the public side; `foleni-cloud-admin` sets it up."""

import sys

from cloud.bootstrap import build
from cloud.settings import CloudSettings
from cloud.store.database import DatabaseError
from foleni import logs, settings
from foleni.life import Life
from foleni.web.serving import ServeError

PROGRAM = "foleni-cloud"


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 after an orderly end, 1 after a failure, 2 for a wrong setting."""
    given = settings.load(CloudSettings, PROGRAM, argv)
    logs.set_up(given.log_level)
    life = Life(PROGRAM)
    try:
        cloud = build(given, life)
    except (ServeError, DatabaseError) as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return settings.WRONG
    return life.run(cloud.parts, cloud.ready)


if __name__ == "__main__":
    sys.exit(main())
