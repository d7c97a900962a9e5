"""`foleni-branch broker`: becomes the branch's Mosquitto, prepared in its folder, for a unit of its own."""

import signal
import sys
from pathlib import Path

from pydantic import Field

from branch_server.adapters.mqtt.broker_config import BrokerError
from branch_server.adapters.mqtt.prepared import run_broker
from foleni import logs, settings
from foleni.settings import HostPort, Settings
from foleni.web.safety import is_loopback

PROGRAM = "foleni-branch broker"


class BrokerSettings(Settings):
    """What `foleni-branch broker` is started with."""

    data: Path = Field(description="folder of the branch's data; only mosquitto/ in it is used")
    mqtt_listen: HostPort = Field(HostPort("0.0.0.0", 8883), description="where devices reach it; beyond loopback with TLS")  # noqa: S104 - that is what it is for
    mqtt_tls: bool = Field(False, description="TLS on loopback, too")


def main(argv: list[str]) -> int:
    """The exit status: 1 where there can be no broker, 2 for a wrong setting; otherwise this process is Mosquitto."""
    given = settings.load(BrokerSettings, PROGRAM, argv)
    logs.set_up(given.log_level)
    # A signal that comes before Mosquitto hears it would end it; what it asks for is about to be done anyway.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        run_broker(given.data, given.mqtt_listen, tls=given.mqtt_tls or not is_loopback(given.mqtt_listen.host))
    except BrokerError as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it
        return 1
