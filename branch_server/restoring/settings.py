"""What `foleni-branch restore` is started with."""

from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from branch_server.adapters.sync.address import CloudUrl, TokenFile
from branch_server.keeping.settings import STICK, BackupTarget
from foleni.ids import Slug
from foleni.settings import Settings


class RestoreSettings(Settings):
    """From a backup, from the cloud, or from a backup and what the cloud knows beyond it."""

    from_backup: str | None = Field(None, description=f"a backup, a folder of them, usb:{STICK}, or a name of [[backup]]")
    identity: Path | None = Field(None, description="file with the secret key of the backups; '-' reads it from the terminal")
    from_cloud: CloudUrl | None = Field(None, description="https://… of the cloud that knows the branch")
    cloud_token_file: TokenFile | None = Field(None, description="file that holds the cloud's token for this branch")
    branch: Slug | None = Field(None, description="id of the branch")
    data: Path = Field(description="folder of the branch's data, with nothing in it yet")
    numbers_behind: int | None = Field(
        None, ge=0, le=100_000, description="so many numbers of each service are left out today (default: a busy day's)"
    )
    if_there: bool = Field(False, description="end well where there is nothing to do: a branch in --data, or no backup or key")
    backup: tuple[BackupTarget, ...] = Field((), description="tables [[backup]] of the settings file")

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.from_backup is None and self.from_cloud is None:
            raise ValueError("--from-backup or --from-cloud says what to restore from")
        if self.from_cloud is not None and self.cloud_token_file is None:
            raise ValueError("--from-cloud needs --cloud-token-file")
        if self.from_cloud is not None and self.from_backup is None and self.branch is None:
            raise ValueError("--from-cloud needs --branch")
        return self
