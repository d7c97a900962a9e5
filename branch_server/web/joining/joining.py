"""Joining at one branch: the book of requests, and what those are given who have been approved."""

import asyncio
import logging
import secrets
import time
import uuid
from typing import Literal

from branch_server.adapters.tls.authority import Authority
from branch_server.web.joining.book import Asked, Book
from branch_server.web.joining.granting import GoneError, Granting, NotReadyError
from branch_server.web.public.strangers import Strangers
from branch_server.web.site import Site
from foleni.messages.joining import Granted, Renew, Renewed
from foleni.words.catalogue import pick

_log = logging.getLogger(__name__)

NOTE = "joining"
"""Where a site keeps it."""


def joining_at(site: Site) -> "Joining | None":
    """How boxes join the branch; None where they cannot."""
    joining = kept_at(site)
    return joining if joining is not None and joining.obstacle is None else None


def kept_at(site: Site) -> "Joining | None":
    """What serves those that have joined before, too; None where this server has no TLS."""
    joining = site.notes.get(NOTE)
    return joining if isinstance(joining, Joining) else None


class Joining:
    """What the routes of boxes and those of the console share. For the loop's thread."""

    def __init__(self, site: Site, authority: Authority) -> None:
        self.site = site
        self.authority = authority
        self.book = Book(authority.ca_der, lambda: secrets.token_hex(32), lambda: str(uuid.uuid4()))
        self.granting = Granting(site.settings.branch, site.data, authority)
        self.strangers = Strangers()
        self._preparing: set[str] = set()

    @property
    def now(self) -> float:
        """Seconds of a clock that nobody sets."""
        return time.monotonic()

    @property
    def obstacle(self) -> Literal["no_tls", "second_server"] | None:
        """Why no box can join: the broker has no TLS, or the authority's key is on the other server of a pair."""
        if not self.authority.can_sign:
            return "second_server"
        return "no_tls" if self.granting.mqtt_port is None else None

    @property
    def branch_name(self) -> str:
        branch = self.site.follower.state.branch
        return pick(branch.name, branch.languages[0], "en") if branch is not None else self.site.settings.branch

    async def granted(self, asked: Asked) -> Granted | None:
        """What an approved box is given; None while it is not ready, and for one that is that device no longer: it is refused.

        Raises `CsrError`.
        """
        device = self.site.follower.state.devices.get(asked.device)
        if device is None or device.box != asked.box_key:
            self.book.refuse(asked.id, self.now, "removed")
        elif asked.given is None and asked.id not in self._preparing:
            self._preparing.add(asked.id)
            try:
                asked.given = await asyncio.to_thread(self.granting.granted, asked, device)
            except (NotReadyError, GoneError) as error:
                _log.info("%s waits: %s", asked.device, error)
            finally:
                self._preparing.discard(asked.id)
        return asked.given

    async def renewed(self, renew: Renew) -> Renewed:
        """A new certificate for a device of this branch. Raises as `Granting.renewed` does."""
        return await asyncio.to_thread(self.granting.renewed, renew, self.site.follower.state)
