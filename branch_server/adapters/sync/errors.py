"""What can keep a branch and its cloud apart."""


class SyncError(Exception):
    """The root of what can go wrong between a branch and its cloud. None of it stops the queue."""


class CloudAwayError(SyncError):
    """Nobody answers, or what answers is not the cloud, or it cannot answer now. It is tried again soon."""


class CloudRefusedError(SyncError):
    """The cloud understood, and says no: again the same would be refused again."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{message} ({status} {code})")
        self.status = status
        self.code = code

    @property
    def is_about_the_token(self) -> bool:
        return self.status in {401, 403}
