"""Signing in: argon2 away from the event loop, the same time and the same answer for everybody, and growing waits."""

import asyncio
import ipaddress
import secrets
import time
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from branch_server.adapters.db.tables import secrets as setup_secrets
from branch_server.web.site import Site
from branch_server.web.store.credentials import Credential, Kind
from branch_server.web.store.store import Store
from foleni.times import DAY_US

CODE_LASTS_US = 7 * DAY_US
MOST_NOTED = 30
"""Wrong tries in one minute that the audit log shows."""
_AT_ONCE = 2
_MOST_QUEUED = 32
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""OWASP's figures for argon2id: safe, and two at once fit into a small machine."""
_SPENT = Credential("none", "")
_NOBODY = _HASHER.hash(secrets.token_hex(16))


@dataclass(frozen=True, slots=True)
class Waits:
    """This person or this address must wait until then (microseconds)."""

    until: int


class BusyError(Exception):
    """So many sign in at once that this one cannot be looked at."""


def keys_of(staff: str, address: str) -> tuple[str, str]:
    """What a wrong PIN counts against: the person, and where it came from. A house's IPv6 addresses count as one."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return f"staff:{staff}", f"address:{address[:64]}"
    if known.version == 6 and known.ipv4_mapped is None:
        address = str(ipaddress.ip_network((known, 64), strict=False))
    return f"staff:{staff}", f"address:{address}"


@dataclass(slots=True)
class Signing:
    """Looks at PINs, a few at a time, and remembers who failed."""

    site: Site
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _queued: int = 0
    _noted: tuple[int, int] = (0, 0)

    async def kind_of(self, staff: str, pin: str, address: str, now: int) -> Kind | Waits | None:
        """`pin` or `code` where the secret is theirs, None where it is not, `Waits` where nobody may try now.
        A code that was right is spent. Raises `BusyError`.
        """
        keys = keys_of(staff, address)
        if self._queued >= _MOST_QUEUED:
            raise BusyError
        self._queued += 1
        try:
            async with self._turns:
                if until := self.site.store.failures.until(keys, now):
                    return Waits(until)
                known = self._credential_of(staff, now)
                is_right = await asyncio.to_thread(_fits, pin, known.hash if known is not None else _NOBODY)
        finally:
            self._queued -= 1
        return await self._judged(staff, pin, keys, known if is_right else None, now)

    async def choose(self, staff: str, pin: str, now: int) -> None:
        """From now on this is what signs the person in."""
        async with self._turns:
            made = await asyncio.to_thread(_HASHER.hash, pin)
        self.site.store.credentials.put(staff, Credential("pin", made), now)

    async def new_code(self, staff: str, now: int) -> str:
        """A one-time code in the place of what the person had."""
        async with self._turns:
            return await made_code(self.site.store, staff, now)

    def state_of(self, staff: str, now: int) -> Kind:
        """What would sign the person in."""
        known = self._credential_of(staff, now)
        return known.kind if known is not None else "none"

    def notes_failure(self) -> bool:
        """Whether one more wrong try gets a line in the audit log: a flood must not fill the disk; the waits count them all."""
        minute = int(time.monotonic() // 60)
        self._noted = (minute, self._noted[1] + 1 if self._noted[0] == minute else 1)
        return self._noted[1] <= MOST_NOTED

    async def _judged(self, staff: str, pin: str, keys: tuple[str, str], right: Credential | None, now: int) -> Kind | None:
        store = self.site.store
        if right is None or self._credential_of(staff, now) != right:
            store.failures.note(keys, now, [f"staff:{known}" for known in self.site.follower.state.staff])
            return None
        store.failures.clear(keys)
        if right.kind == "code":
            store.credentials.put(staff, _SPENT, now)
        elif _HASHER.check_needs_rehash(right.hash):
            made = await asyncio.to_thread(_HASHER.hash, pin)
            if self._credential_of(staff, now) == right:
                store.credentials.put(staff, Credential("pin", made), now)
        return right.kind

    def _credential_of(self, staff: str, now: int) -> Credential | None:
        """None for whoever is not there, may not sign in, or has nothing to do it with."""
        person = self.site.follower.state.staff.get(staff)
        if person is None or not person.active:
            return None
        known = self.site.store.credentials.of(staff) or self._of_setup(staff)
        if known is None or known.kind == "none" or (known.ends_at is not None and now >= known.ends_at):
            return None
        return known

    def _of_setup(self, staff: str) -> Credential | None:
        kinds: tuple[Kind, Kind] = ("pin", "code")
        for kind in kinds:
            wanted = select(setup_secrets.c.value).where(setup_secrets.c.name == f"{kind}:{staff}")
            with self.site.branch_db.connect() as connection:
                found = connection.scalar(wanted)
            if found is not None:
                return Credential(kind, str(found))
        return None


async def made_code(store: Store, staff: str, now: int) -> str:
    """Makes a one-time code and keeps it as what signs the person in."""
    code = f"{secrets.randbelow(10**8):08d}"
    made = await asyncio.to_thread(_HASHER.hash, code)
    store.credentials.put(staff, Credential("code", made, now + CODE_LASTS_US), now)
    return code


def _fits(pin: str, known: str) -> bool:
    try:
        return _HASHER.verify(known, pin)
    except (VerificationError, InvalidHashError):
        return False
