"""A branch to try: starts the branch server as its own process, and says where to look and what to type."""

import contextlib
import signal
import subprocess
import sys
import tomllib
from pathlib import Path

_READY = "foleni-branch: ready"


def run(data: Path, setup: Path, mqtt_listen: str | None = None) -> int:
    """Starts a branch, shows how to try it, and stays until it ends, Ctrl-C or SIGTERM; the branch server's exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    command = [sys.executable, "-m", "branch_server", "--data", str(data), "--mqtt", "managed", "--setup", str(setup)]
    if mqtt_listen is not None:
        command += ["--mqtt-listen", mqtt_listen]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, bufsize=1) as branch:  # noqa: S603 - our own program
        try:
            return _follow(branch, data)
        except KeyboardInterrupt:
            branch.terminate()
            return branch.wait()


def _follow(branch: subprocess.Popen[str], data: Path) -> int:
    assert branch.stderr is not None
    for line in branch.stderr:
        sys.stderr.write(line)
        if line.startswith(_READY):
            _say(_guide(data))
    with contextlib.suppress(KeyboardInterrupt):
        return branch.wait()
    return 0


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _guide(data: Path) -> str:
    """The accounts of the branch, and commands that can be copied into a second terminal."""
    accounts = [tomllib.loads(path.read_text()) for path in sorted((data / "devices").glob("*.toml"))]
    if not accounts:
        return ""
    width = max(len(account["device"]) for account in accounts)
    listed = "\n".join(f"  {account['device']:{width}}  {account['kind']:8} {account['mqtt']}" for account in accounts)
    desk = next((account for account in accounts if account["kind"] == "console"), accounts[0])
    root = f"{desk['mqtt']}/foleni/{desk['branch']}"
    asks = f"{root}/devices/{desk['device']}/commands"
    simulator = f"{Path(sys.executable).parent}/foleni-sim"
    new_id = "'\"$(cat /proc/sys/kernel/random/uuid)\"'"
    return f"""
Branch {desk["branch"]} is open. Its accounts (also in {data}/devices/):

{listed}

Try it in other terminals:

  # watch the board
  mosquitto_sub -V 5 -L '{root}/board'
  # read the answers to this console
  mosquitto_sub -V 5 -L '{root}/devices/{desk["device"]}/replies'
  # take a ticket
  mosquitto_pub -V 5 -q 1 -L '{asks}' -m '{{"id":"{new_id}","type":"join","service":"cash","channel":"staff"}}'
  # open counter 1, then call the next number
  mosquitto_pub -V 5 -q 1 -L '{asks}' -m '{{"id":"{new_id}","type":"open_counter","counter":"c1"}}'
  mosquitto_pub -V 5 -q 1 -L '{asks}' -m '{{"id":"{new_id}","type":"call_next","counter":"c1"}}'
  # or let a whole day go by in a few minutes
  {simulator} --devices-dir {data}/devices --branch {desk["branch"]} --device {desk["device"]} --hours 8 --pace 120

Ctrl-C ends it; the branch stays in {data}/.
"""
