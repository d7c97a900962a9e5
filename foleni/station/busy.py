"""A mark on this machine that somebody is served here: whoever would restart the machine looks for it first."""

import logging
import math
import os
from collections.abc import Mapping
from pathlib import Path

logger = logging.getLogger(__name__)

NAME = "busy"
_AGAIN_S = 60.0
"""The mark is made anew so often: one that a program left when it died grows old, and is told from one that holds."""


class BusyMark:
    """The file `busy` in the folder that systemd gives a program for its run time; without such a folder nothing is marked."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        folder = environment.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        self._path = Path(folder) / NAME if folder else None
        self._is_there = True
        self._again_s = -math.inf

    def tell(self, *, is_busy: bool, now_s: float) -> None:
        """Whether somebody is served; `now_s` is of a clock that nobody sets. Cheap enough for every turn of a loop."""
        if self._path is None or (now_s < self._again_s if is_busy else not self._is_there):
            return
        try:
            if is_busy:
                self._path.touch()
            else:
                self._path.unlink(missing_ok=True)
        except OSError as error:
            logger.warning("%s cannot be kept: %s", self._path, error.strerror)
        self._is_there, self._again_s = is_busy, now_s + _AGAIN_S if is_busy else -math.inf
