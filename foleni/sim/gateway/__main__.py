"""`python -m foleni.sim.gateway`: takes SMS and WhatsApp messages from programs, and shows them on a page."""

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path

from foleni import logs
from foleni.life import Life
from foleni.settings import HostPort
from foleni.sim.gateway.app import create_app, ringing
from foleni.sim.gateway.box import Box, Company
from foleni.sim.gateway.calling import Calling
from foleni.web.live import Hub
from foleni.web.serving import HttpServer, ServeError, address_of, listen

PROGRAM = "foleni-gateway"
_BEAT_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class _Plain:
    http_cert: Path | None = None
    http_key: Path | None = None


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM; exit status 0, or 1 where the address cannot be had."""
    options = _parser().parse_args(arguments)
    logs.set_up("info")
    box, hub, life = Box(), Hub(), Life(PROGRAM)
    box.reports = options.reports
    box.inbound = dict.fromkeys(Company, options.inbound) if options.inbound else {}
    calling = Calling(box)
    try:
        listening = listen(options.http)
    except ServeError as error:
        sys.stderr.write(f"{PROGRAM}: {error}\n")
        return 1
    server = HttpServer(
        create_app(box, calling, hub), listening, _Plain(), life.watch.beat("web", _BEAT_WITHIN_S).tick, life.fail
    )

    async def opened() -> None:
        ringing(box, hub)

    async def ticked(_turn: int) -> None:
        return None

    server.hooked(opened, ticked, hub.end)
    return life.run([("calling", calling), ("web", server)], lambda: f"http://{address_of(listening)}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=PROGRAM, description=__doc__)
    parser.add_argument("--http", type=HostPort.parse, default=HostPort("127.0.0.1", 0), metavar="HOST:PORT")
    parser.add_argument("--reports", metavar="URL", help="where reports about Africa's Talking's messages go")
    parser.add_argument(
        "--inbound", metavar="URL", help="where what people write goes; each company has its own: POST /control"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
