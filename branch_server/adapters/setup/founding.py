"""Makes a branch of a setup: all of it, secrets included, or nothing."""

import secrets
from collections.abc import Callable

from branch_server.adapters.setup.file import Setup
from branch_server.engine.engine import Engine

PASSWORDS = "password:"
"""The setup's passwords of devices, kept until the broker has them."""

Tell = Callable[[str], None]


def found(engine: Engine, setup: Setup, tell: Tell) -> list[str]:
    """The faults that keep the branch from being made; empty where it is. `tell` hears the codes for the first sign-in."""
    passwords = {f"{PASSWORDS}{device}": password for device, password in setup.passwords.items()}
    return engine.set_up(setup.commands, _pins(setup, tell) | passwords)


def _pins(setup: Setup, tell: Tell) -> dict[str, str]:
    """The hash of every PIN. Who has none gets a code for the first sign-in: told before it counts, so never lost."""
    from argon2 import PasswordHasher  # noqa: PLC0415 - only a first start needs it

    hasher, hashes = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1), {}  # as at each sign-in
    for person, pin in setup.pins.items():
        if pin is not None:
            hashes[f"pin:{person}"] = hasher.hash(pin)
        else:
            code = f"{secrets.randbelow(10**6):06d}"
            tell(f"one-time code of {person}: {code}")
            hashes[f"code:{person}"] = hasher.hash(code)
    return hashes
