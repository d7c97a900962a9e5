"""Whose updates an image takes: its key ring, and which boxes it is one of."""

import os
import shutil
from pathlib import Path

from images.building.tools import run

UPDATE = Path(__file__).parent
_USUAL_KEYS = UPDATE.parents[1] / "build/update-keys"


def place(root: Path, compatible: str) -> None:
    """Completes `etc/rauc` in `root`. `FOLENI_KEYRING` names the certificate of whoever signs bundles for these images; without
    it keys are made below `build/`, which are good for trying.
    """
    folder = root / "etc/rauc"
    config = folder / "system.conf"
    config.write_text(config.read_text("utf-8").replace("@COMPATIBLE@", compatible), "utf-8")
    given = os.environ.get("FOLENI_KEYRING")
    if not given:
        run(UPDATE / "keys", _USUAL_KEYS)
    shutil.copyfile(given or _USUAL_KEYS / "ca.pem", folder / "keyring.pem")
    (folder / "keyring.pem").chmod(0o644)
