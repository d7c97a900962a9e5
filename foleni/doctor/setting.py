"""Are the settings right? Each program is asked itself."""

import os
import subprocess
from collections.abc import Iterator

from foleni.doctor.box import Box, Program
from foleni.doctor.finding import Finding, bad, ok, warn

_ASK_S = 30.0


def check_settings(box: Box) -> Iterator[Finding]:
    if not box.programs and not (box.places.etc / "counter.toml").exists():
        yield bad(f"the box is set up for nothing: there are no settings in {box.places.etc}", "Set it up: docs/install.md.")
    for program in box.programs:
        fault = program.fault or _fault(box, program)
        if fault and not os.access(program.config, os.R_OK):
            yield warn(f"{program.config} may be read by root only", "Run the doctor as root: sudo foleni doctor.")
        elif fault:
            yield bad(f"the settings in {program.config} are wrong: {fault}", "Put them right, then restart that program.")
        else:
            yield ok(f"the settings in {program.config} are right")
    if not box.places.programs.is_dir():
        yield warn(f"there are no programs in {box.places.programs}", "Install them: docs/install.md.")


def _fault(box: Box, program: Program) -> str:
    """What the program itself says; empty where it is content, or is not there to be asked."""
    file = box.places.programs / f"foleni-{program.role}"
    if not file.exists():
        return ""
    done = subprocess.run(  # noqa: S603 - our own program
        [file, "--config", program.config, "--check-config"],
        capture_output=True, text=True, errors="replace", timeout=_ASK_S, check=False,
    )  # fmt: skip
    if done.returncode == 0:
        return ""
    return (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1].partition("wrong settings: ")[2] or "unknown"
