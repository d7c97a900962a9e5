"""The command lines of `foleni-branch backup`, `backup-key` and `verify`."""

import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from pydantic import Field

from branch_server.bootstrap import BranchSettings
from branch_server.engine.journal import EngineError
from branch_server.keeping import keys, running
from branch_server.keeping.age import new_key
from branch_server.keeping.errors import KeepingError
from branch_server.keeping.opening import KEY_FILE, open_newest, read_identities, source_of
from branch_server.keeping.settings import STICK, BackupSettings, BackupTarget
from foleni import logs, settings
from foleni.ids import Slug
from foleni.settings import Settings
from foleni.times import to_wire


class KeySettings(Settings):
    """What `foleni-branch backup-key` is started with."""

    data: Path = Field(description="folder of the branch's data")
    another: bool = Field(False, description="make one more key; backups can then be opened with each of them")


class VerifySettings(Settings):
    """What `foleni-branch verify` is started with."""

    source: str = Field(description=f"a backup's file, a folder of them, usb:{STICK}, or a name of [[backup]]")
    identity: Path = Field(Path(KEY_FILE), description="file with the secret key")
    branch: Slug | None = Field(None, description="id of the branch, where a place has backups of several")
    backup: tuple[BackupTarget, ...] = Field((), description="tables [[backup]] of the settings file")


def back_up(argv: Sequence[str]) -> int:
    """Status 0 where every place has the backup, 1 where one has not, 2 for a wrong setting."""
    program = "foleni-branch backup"
    given = settings.load(BackupSettings, program, argv, beside=BranchSettings)
    logs.set_up(given.log_level)
    tell = partial(_tell, program)
    if fault := _fault_of(given.data):
        tell(f"wrong settings: --data: {fault}")
        return settings.WRONG
    try:
        status = running.back_up(given, _settings_files(given, argv), tell)
    except KeepingError as error:
        tell(f"no backup was made: {error}")
        return 1
    except OSError as error:
        tell(f"no backup was made: {error.filename} cannot be written: {error.strerror}")
        return 1
    return 0 if status.ok else 1


def make_key(argv: Sequence[str]) -> int:
    """Shows the secret half of a new key, which is nowhere kept, and keeps the public one."""
    program = "foleni-branch backup-key"
    given = settings.load(KeySettings, program, argv, beside=BranchSettings)
    tell = partial(_tell, program)
    if fault := _fault_of(given.data):
        tell(f"wrong settings: --data: {fault}")
        return settings.WRONG
    if keys.kept_recipients(given.data) and not given.another:
        tell("there is a key already; --another makes one more, and backups can then be opened with each of them")
        return 1
    secret, public = new_key()
    _show(secret)
    try:
        keys.keep_recipient(given.data, public)
    except OSError as error:
        tell(f"the key above is NOT in use: {error.filename} cannot be written: {error.strerror}")
        return 1
    tell(f"backups are locked with {public} from now on")
    return 0


def verify(argv: Sequence[str]) -> int:
    """Opens a backup and folds it from its first event; status 0 where it is good."""
    program = "foleni-branch verify"
    named = [f"--source={argv[0]}", *argv[1:]] if argv and not argv[0].startswith("-") else argv
    given = settings.load(VerifySettings, program, named, beside=BranchSettings)
    logs.set_up(given.log_level)
    tell = partial(_tell, program)
    try:
        source = source_of(given.source, given.backup)
        with tempfile.TemporaryDirectory(prefix="foleni-verify-") as own:
            folder = Path(own) / "made"
            folder.mkdir(mode=0o700)
            manifest, proved = open_newest(source, read_identities(given.identity), folder, tell, given.branch)
    except (KeepingError, EngineError) as error:
        tell(f"no good: {error}")
        return 1
    except OSError as error:
        tell(f"not tried to the end: {error.filename}: {error.strerror}")
        return 1
    tell(
        f"good: branch {manifest.branch}, event {proved.state.seq} of {proved.state.day}, {manifest.waiting} waiting, "
        f"made {to_wire(manifest.made_at)} by Foleni {manifest.version}, {len(manifest.files)} files"
    )
    return 0


def _fault_of(data: Path) -> str | None:
    """Why nothing can be kept in this folder. What root writes there its owner, the branch server, could not read."""
    if not data.is_dir():
        return f"there is no folder {data}"
    if os.geteuid() != 0 or data.stat().st_uid == 0:
        return None
    with suppress(KeyError):
        return f"{data} belongs to {data.owner()}: start this as runuser -u {data.owner()} -- {sys.argv[0]} …"
    return f"{data} belongs to user {data.stat().st_uid}, not to root"


def _settings_files(given: BackupSettings, argv: Sequence[str]) -> list[Path]:
    """Files beside the data folder without which the branch would not be the same."""
    config = next((argv[n + 1] for n, one in enumerate(argv[:-1]) if one == "--config"), os.environ.get("FOLENI_CONFIG"))
    config = next((one.removeprefix("--config=") for one in argv if one.startswith("--config=")), config)
    named = [Path(config) if config else None, given.cloud_token_file, given.http_cert, given.http_key]
    inside = given.data.resolve()
    return [path for path in named if path is not None and path.is_file() and inside not in path.resolve().parents]


def _show(secret: str) -> None:
    import segno  # noqa: PLC0415 - only here

    lines = (
        "This is the secret key of the backups. It is shown once and kept nowhere on this box.",
        "Print it, or write it down, and put it where the box is not:",
        "",
        f"    {secret}",
        "",
    )
    print("\n".join(lines))  # noqa: T201 - for whoever started it
    segno.make(secret, error="m").terminal(border=2, compact=True)
    sys.stdout.flush()


def _tell(program: str, line: str) -> None:
    print(f"{program}: {line}", file=sys.stderr, flush=True)  # noqa: T201 - for whoever started it
