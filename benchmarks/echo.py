"""The floor: answers each command with its own payload, if asked after one append and fsync.

    python -m benchmarks.echo --mqtt mqtt://127.0.0.1:1883 --branch floor [--sync DIR]

It stands where the branch server stands (the same subscription, QoS 1, the same reply topics) and does nothing else.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import paho.mqtt.client as mqtt

from foleni.sim.client import Address, Connection, Poller
from foleni.topics import Topics

READY = "echo: ready"
RECORD = b"\0" * 512


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    poller = Poller()
    connection = _serve(poller, Address.parse(options.mqtt), options.branch, _sync_into(options.sync))
    if not poller.run_until(lambda: connection.ready, 10):
        print(f"echo: no connection: {connection.fault}", file=sys.stderr)
        return 2
    print(READY, file=sys.stderr, flush=True)
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: stopping.append(number))
    while not stopping:
        poller.run_once(1)
    poller.close()
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.echo")
    parser.add_argument("--mqtt", required=True)
    parser.add_argument("--branch", default="floor")
    parser.add_argument("--sync", type=Path, help="append 512 bytes and fsync in this folder before each answer")
    return parser.parse_args(arguments)


def _serve(poller: Poller, address: Address, branch: str, before_answer: Callable[[], None] | None) -> Connection:
    topics = Topics(branch)

    def answer(message: mqtt.MQTTMessage) -> None:
        if before_answer is not None:
            before_answer()
        connection.publish(message.topic.removesuffix("commands") + "replies", bytes(message.payload))

    connection = Connection(poller, address, f"echo-{branch}", [topics.commands(Topics.ANY)], answer)
    connection.connect()
    return connection


def _sync_into(folder: Path | None) -> Callable[[], None] | None:
    if folder is None:
        return None
    handle = os.open(folder / f"echo-{os.getpid()}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def append_and_sync() -> None:
        os.write(handle, RECORD)
        os.fsync(handle)

    return append_and_sync


if __name__ == "__main__":
    sys.exit(main())
