"""What a kiosk remembers of its branch, so that it starts and gives numbers with the branch server and the broker away."""

import logging

from pydantic import ValidationError

from foleni.messages.state import DeviceConfig, Services
from kiosk.ledger.ledger import Ledger

logger = logging.getLogger(__name__)

_CONFIG = "config"
_SERVICES = "services"


class BranchMemory:
    """Belongs to one thread. Its methods raise `LedgerError`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._kept: dict[str, object] = {}
        self._trusted_day = ""

    def recall(self) -> list[DeviceConfig | Services]:
        """What was kept last."""
        found: list[DeviceConfig | Services] = []
        for name, form in ((_CONFIG, DeviceConfig), (_SERVICES, Services)):
            payload = self._ledger.kept(name)
            try:
                if payload is not None:
                    found.append(form.model_validate_json(payload))
            except ValidationError as error:
                logger.warning("the kept %s cannot be read: %s", name, error.errors(include_input=False, include_url=False))
        return found

    def keep(self, news: DeviceConfig | Services) -> None:
        """Keep it where it tells something new: the queues' lengths alone are not worth a write."""
        if isinstance(news, DeviceConfig):
            self._keep(_CONFIG, news, news)
        else:
            shape = (news.day, tuple((each.id, each.prefix, each.state, each.reopens_at) for each in news.services))
            self._keep(_SERVICES, news, shape)

    def trust_day(self, day: str) -> None:
        """A server that is there says which business day it is."""
        if day != self._trusted_day:
            self._ledger.trust_day(day)
            self._trusted_day = day

    def _keep(self, name: str, news: DeviceConfig | Services, shape: object) -> None:
        if self._kept.get(name) != shape:
            self._ledger.keep(name, news.model_dump_json().encode())
            self._kept[name] = shape
