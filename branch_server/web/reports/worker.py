"""`python -m branch_server.web.reports.worker`: one report, made in a process of its own, whose memory and time nobody misses.

A job comes as a JSON object on standard input; what it makes goes to standard output. Exit status 1 with a line on standard
error where it could not be made.
"""

import gc
import json
import os
import sqlite3
import sys
from importlib import import_module

_PATIENT = 5
"""How nice it is: whoever calls a customer goes first."""
_PACKAGE = "branch_server.web.reports"
JOBS = {
    "report": "jobs", "pack": "jobs", "tickets": "jobs", "tickets_csv": "jobs", "workbook": "workbook", "paper": "paper",
}  # fmt: skip
"""The module of each job, loaded only where it is needed; its function has the job's name."""


def main() -> int:
    """Does the one job that standard input brings."""
    os.nice(_PATIENT)
    gc.disable()  # it lives for one job, and looking through a million cells again and again took a third of its time
    out = sys.stdout.buffer
    try:
        job = json.load(sys.stdin.buffer)
        getattr(import_module(f"{_PACKAGE}.{JOBS[job['kind']]}"), job["kind"])(job, out)
        out.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody wants it any more
        return 1
    except (OSError, sqlite3.Error) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
