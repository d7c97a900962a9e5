"""What a role's box is made of, read from `images/roles/`."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

IMAGES = Path(__file__).parents[1]
NAMES = ("server", "kiosk", "display")


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of box. `installed_as` is what `systemd/install` calls it; `drop`: patterns of paths that it does without."""

    name: str
    title: str
    program: str
    installed_as: str
    extras: tuple[str, ...]
    packages: tuple[str, ...]
    enable: tuple[str, ...]
    mask: tuple[str, ...]
    drop: tuple[str, ...]


def read(name: str) -> Role:
    """The role of that name, with what every box has."""
    common = tomllib.loads((IMAGES / "roles/common.toml").read_text("utf-8"))
    own = tomllib.loads((IMAGES / f"roles/{name}.toml").read_text("utf-8"))

    def both(key: str) -> tuple[str, ...]:
        return tuple(sorted({*common.get(key, ()), *own.get(key, ())}))

    return Role(
        name=name,
        title=own["title"],
        program=own["program"],
        installed_as=own["installed_as"],
        extras=tuple(own["extras"]),
        packages=both("packages"),
        enable=both("enable"),
        mask=both("mask"),
        drop=both("drop"),
    )
