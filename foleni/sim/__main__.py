"""`foleni-sim`: plays customers and counters against any branch over MQTT, and judges the answers by the contract."""

import argparse
import json
import secrets
import signal
import sys
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from foleni.ids import is_slug
from foleni.sim.client import Address, LinkError
from foleni.sim.plan import BANK_DAY, Habits, make_plan, read_profile
from foleni.sim.player import Account, Player
from foleni.sim.summary import Tally, progress, report

DEFAULT_TICKETS = 200
DEFAULT_WINDOW = 64
_KINDS = {"kiosk", "counter", "console"}


class UsageError(Exception):
    """The options do not make sense; the text says which."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0 after a clean run, 1 where anything contradicted the contract, 2 for wrong options or no branch."""
    options = _parser().parse_args(arguments)
    try:
        player = Player(_accounts(options), _pace(options.pace), options.window)
        tally = _run(player, options)
    except (UsageError, LinkError) as error:
        sys.stderr.write(f"foleni-sim: {error}\n")
        return 2
    sys.stdout.write(report(tally))
    if options.json:
        options.json.write_text(json.dumps(tally.as_json(), indent=2) + "\n")
    return 1 if tally.contradictions else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="foleni-sim", description="Play customers and counters against a branch.")
    link = parser.add_argument_group("the branch")
    link.add_argument("--mqtt", help="mqtt://user:password@host:port")
    link.add_argument("--branch", help="id of the branch")
    link.add_argument("--device", help="id of a console device, which may send every command")
    link.add_argument("--devices-dir", type=Path, help="folder of TOML files: branch, device, kind, username, password, mqtt")
    play = parser.add_argument_group("the play")
    play.add_argument("--tickets", type=int, help=f"so many customers (default {DEFAULT_TICKETS}, or by --hours)")
    play.add_argument("--hours", type=float, help="so many simulated hours; alone, customers as the counters can serve")
    play.add_argument("--counters", type=int, help="open so many counters (default all)")
    play.add_argument("--seed", type=int, help="repeat a run (default random, and shown)")
    play.add_argument("--pace", default="60", help="real, a factor (60: one minute a second) or max")
    play.add_argument("--profile", default="bank", help="bank, or a file with one relative number of arrivals for each hour")
    play.add_argument("--service-time", type=float, default=180.0, help="mean seconds at the counter")
    play.add_argument("--priority-rate", type=float, default=0.1, help="share of priority customers")
    play.add_argument("--no-show-rate", type=float, default=0.05, help="share of customers who never come when called")
    play.add_argument("--window", type=int, default=DEFAULT_WINDOW, help="at --pace max, most requests in flight")
    play.add_argument("--json", type=Path, help="write the figures to this file too")
    return parser


def _pace(text: str) -> float | None:
    if text == "max":
        return None
    try:
        pace = 1.0 if text == "real" else float(text)
    except ValueError:
        pace = 0.0
    if not 0 < pace < 1e6:
        raise UsageError(f"--pace is real, a number or max, not {text!r}")
    return pace


def _accounts(options: argparse.Namespace) -> list[Account]:
    accounts = _from_folder(options) if options.devices_dir else []
    if options.device:
        if not (options.mqtt and options.branch):
            raise UsageError("--device needs --mqtt and --branch")
        named = Account(options.branch, options.device, "console", _address(options.mqtt))
        accounts = [account for account in accounts if account.device != options.device] + [named]
    if not accounts:
        raise UsageError("give --device or --devices-dir with devices of this branch")
    branches = {account.branch for account in accounts}
    if len(branches) > 1 or not all(is_slug(branch) for branch in branches):
        raise UsageError(f"one branch at a time, choose with --branch: {', '.join(sorted(branches))}")
    return accounts


def _from_folder(options: argparse.Namespace) -> list[Account]:
    """The accounts in a folder; `--mqtt` and `--branch` overrule what the files say."""
    accounts = []
    for path in sorted(options.devices_dir.glob("*.toml")):
        try:
            told = tomllib.loads(path.read_text())
            url = _address(options.mqtt or told["mqtt"])
            address = Address(url.host, url.port, told.get("username"), told.get("password"))
            account = Account(str(told["branch"]), str(told["device"]), str(told["kind"]), address)
        except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
            raise UsageError(f"{path}: {error!r}") from error
        if account.kind in _KINDS and options.branch in {None, account.branch}:
            accounts.append(account)
    return accounts


def _address(url: str) -> Address:
    try:
        return Address.parse(url)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _run(player: Player, options: argparse.Namespace) -> Tally:
    _on_interrupt(player)
    try:
        player.connect()
        counters = sorted(player.branch.counters)[: options.counters]
        seed = options.seed if options.seed is not None else secrets.randbelow(1_000_000)
        plan = make_plan(seed, _served_services(player, counters), _habits(options, len(counters)))
        sys.stdout.write(f"seed {seed}: {len(plan)} customers, {len(counters)} counters\n")
        shown = _Progress()
        tally = player.play(plan, counters, shown.show)
        shown.finish()
        return tally
    finally:
        player.close()


def _served_services(player: Player, counters: list[str]) -> list[str]:
    """The open services that one of the counters serves, as far as the branch tells."""
    served = player.branch.served
    services = player.branch.open_services()
    if all(counter in served for counter in counters):
        services = [service for service in services if any(service in served[counter] for counter in counters)]
    if not services:
        raise UsageError("the branch has no open service that these counters serve")
    return services


def _habits(options: argparse.Namespace, counters: int) -> Habits:
    try:
        profile = BANK_DAY if options.profile == "bank" else read_profile(Path(options.profile).read_text())
    except (OSError, ValueError) as error:
        raise UsageError(f"--profile {options.profile}: {error}") from error
    tickets = options.tickets if options.tickets or options.hours else DEFAULT_TICKETS
    return Habits(
        profile=profile,
        tickets=tickets,
        hours=options.hours,
        counters=counters,
        service_time_s=options.service_time,
        priority_share=options.priority_rate,
        no_show_share=options.no_show_rate,
    )


def _on_interrupt(player: Player) -> None:
    """The first Ctrl-C or SIGTERM closes the counters; the second ends at once."""

    def stop(_number: int, _frame: object) -> None:
        player.stop()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)


@dataclass(slots=True)
class _Progress:
    """On a terminal one line that rewrites itself, else a line every few seconds."""

    next_at: float = 0.0

    def show(self, tally: Tally, waiting: int) -> None:
        now = time.monotonic()
        if now < self.next_at:
            return
        on_terminal = sys.stdout.isatty()
        self.next_at = now + (0.5 if on_terminal else 5.0)
        sys.stdout.write(f"\r\x1b[K{progress(tally, waiting)}" if on_terminal else f"{progress(tally, waiting)}\n")
        sys.stdout.flush()

    def finish(self) -> None:
        if sys.stdout.isatty():
            sys.stdout.write("\r\x1b[K")


if __name__ == "__main__":
    sys.exit(main())
