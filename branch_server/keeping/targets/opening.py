"""From the settings of a place to the place."""

from pathlib import Path

from branch_server.keeping.settings import BackupTarget
from branch_server.keeping.targets.folder import Folder
from branch_server.keeping.targets.remote import Remote
from branch_server.keeping.targets.stick import mounted_stick
from branch_server.keeping.targets.target import Target


def opened(target: BackupTarget, data: Path | None = None) -> Target:
    """The place; `data` is the branch's folder, whose disk is no place for its backups. Raises `TargetError`."""
    not_beside = None if target.same_disk else data
    match target.to.kind:
        case "folder":
            return Folder(Path(target.to.path), not_beside)
        case "usb":
            return Folder(mounted_stick(target.to.path), not_beside)
        case _:
            return Remote(target)
