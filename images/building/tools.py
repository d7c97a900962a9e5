"""Running other people's programs, and saying what is done."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class BuildError(Exception):
    """The image cannot be built; the text says why."""


def say(text: str) -> None:
    """Tell whoever builds what is being done."""
    print(f"images: {text}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever builds


def run(*command: str | Path, input_text: str | None = None, environment: Mapping[str, str] | None = None) -> str:
    """What `command` wrote on its standard output; raises `BuildError` with its last words where it fails."""
    words = [str(word) for word in command]
    done = subprocess.run(  # noqa: S603 - the builder's own words
        words, input=input_text, env=dict(environment or os.environ), capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = "\n".join((done.stderr or done.stdout).splitlines()[-15:])
        raise BuildError(f"{words[0]} ended with status {done.returncode}:\n{last}")
    return done.stdout


def inside(root: Path, *command: str, epoch: int) -> str:
    """Run `command` in the root file system `root`, with nothing of this machine's environment."""
    environment = {
        "PATH": SYSTEM_PATH,
        "LC_ALL": "C.UTF-8",
        "SOURCE_DATE_EPOCH": str(epoch),
        "PYTHONHASHSEED": "0",
    }
    return run("/usr/sbin/chroot", root, *command, environment=environment)
