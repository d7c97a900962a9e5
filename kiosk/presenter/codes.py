"""The staff code: wrong ones are slowed down, each twice as long as the one before."""

import hmac
import math

from kiosk.presenter.manners import FIRST_LOCK_S, LONGEST_LOCK_S


class CodeLock:
    """Compares codes. Wrong ones count until the right one comes, also from one visitor to the next."""

    def __init__(self, code: str | None) -> None:
        self._code = code
        self._wrong = 0
        self.until_s = 0.0
        """Until then no code is taken."""

    @property
    def is_used(self) -> bool:
        """Whether there is a code at all."""
        return self._code is not None

    def is_whole(self, typed: str) -> bool:
        """Whether so many digits were typed as the code has."""
        return self._code is not None and len(typed) >= len(self._code)

    def wait_s(self, now_s: float) -> int:
        """Whole seconds until the next try; 0 where one may be made."""
        return max(0, math.ceil(self.until_s - now_s))

    def opens(self, typed: str, now_s: float) -> bool:
        """Whether it is the code, and not too soon."""
        if self._code is None or self.wait_s(now_s):
            return False
        if hmac.compare_digest(typed.encode(), self._code.encode()):
            self._wrong = 0
            return True
        self.until_s = now_s + min(LONGEST_LOCK_S, FIRST_LOCK_S * 2.0 ** min(self._wrong, 10))
        self._wrong += 1
        return False
