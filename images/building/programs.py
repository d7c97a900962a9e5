"""Foleni and what it needs, in `/opt/foleni` of a root file system: from the lock file, by its hashes, on Debian's Python."""

import configparser
import hashlib
import re
import shutil
import sys
import zipfile
from collections.abc import Iterable
from email.parser import Parser
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from images.building.roles import IMAGES
from images.building.tools import BuildError, inside, run

REPOSITORY = IMAGES.parent
HOME = "opt/foleni"
PACKAGES = f"{HOME}/lib/python3.11/site-packages"
_PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
_AS_THEY_ARE = ("--no-compile", "--no-deps")
_OURS = ("foleni", "branch_server", "kiosk", "display", "counter", "cloud")
_ENTRY = """#!/opt/foleni/bin/python
import sys

from {module} import {function}

sys.exit({function}())
"""


def install(root: Path, extras: tuple[str, ...], wheel: Path, cache: Path, epoch: int) -> None:
    """Put the programs into `root`. `wheel` is ours; everything else comes from the lock file, as far as `extras` need it, and
    is kept in `cache` for the next time.
    """
    home, target = root / HOME, root / PACKAGES
    (home / "bin").mkdir(parents=True, exist_ok=True)
    (home / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    (home / "bin/python").symlink_to("/usr/bin/python3")
    target.mkdir(parents=True)
    run("tar", "--extract", "--file", _others(root, _needed_of_the_lock(wheel, extras), cache, epoch), "--directory", target)
    run(*_PIP, "install", *_AS_THEY_ARE, "--upgrade", "--target", target, wheel)
    _forget_the_builder(target)
    _write_entries(root)
    _compile(root, [f"/{PACKAGES}/{package}" for package in _OURS], epoch)


def _others(root: Path, lock: str, cache: Path, epoch: int) -> Path:
    """What others wrote, as a tar, made for `root`'s Python."""
    tar = cache / f"packages-{hashlib.sha256(lock.encode()).hexdigest()[:16]}.tar"
    if tar.exists():
        return tar
    target = root / "packages"
    requirements = cache / "requirements.txt"
    requirements.write_text(lock)
    run(*_PIP, "install", *_AS_THEY_ARE, "--require-hashes", "--only-binary", ":all:", "--target", target, "-r", requirements)
    _forget_the_builder(target)
    shutil.move(target, root / PACKAGES / "others")
    _compile(root, [f"/{PACKAGES}/others"], epoch)
    making = tar.with_suffix(".making")
    run("tar", "--create", "--sort=name", "--file", making, "--directory", root / PACKAGES / "others", ".")
    shutil.rmtree(root / PACKAGES / "others")
    making.rename(tar)
    return tar


def _compile(root: Path, folders: list[str], epoch: int) -> None:
    """A read-only system cannot do it later. The files never ask whether their source has changed."""
    how = ("-q", "--invalidation-mode", "unchecked-hash", "-s", f"/{PACKAGES}/others", "-p", f"/{PACKAGES}")
    inside(root, "/usr/bin/python3", "-m", "compileall", *how, *folders, epoch=epoch)


def build_wheel(work: Path) -> Path:
    """Our own wheel, made of the checkout and of nothing that an earlier build left."""
    shutil.rmtree(REPOSITORY / "build/lib", ignore_errors=True)
    run(*_PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", work, REPOSITORY)
    return next(work.glob("foleni-*.whl"))


def _needed_of_the_lock(wheel: Path, extras: tuple[str, ...]) -> str:
    """The part of the lock file that Foleni needs with these extras; what needs what is read from what is installed here."""
    ours = _requirements(_of_wheel(wheel), extras)
    blocks = {
        canonicalize_name(block.split("==")[0]): block
        for block in re.split(r"\n(?=\S)", (REPOSITORY / "requirements.lock").read_text("utf-8"))
        if "==" in block and not block.startswith("#")
    }
    waiting = [(canonicalize_name(each.name), frozenset(each.extras)) for each in ours]
    seen = set()
    while waiting:
        name, wanted = waiting.pop()
        if (name, wanted) in seen:
            continue
        seen.add((name, wanted))
        waiting += [
            (canonicalize_name(each.name), frozenset(each.extras)) for each in _requirements(_of_installed(name), wanted)
        ]
    needed = {name for name, _ in seen}
    missing = needed - blocks.keys()
    if missing:
        raise BuildError(f"requirements.lock does not hold {', '.join(sorted(missing))}")
    return "\n".join(blocks[name] for name in sorted(needed)) + "\n"


def _requirements(texts: Iterable[str], extras: Iterable[str]) -> list[Requirement]:
    """Those of `texts` that hold on the box with these `extras`."""
    found = [Requirement(text) for text in texts]
    return [
        each for each in found if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in ("", *extras))
    ]


def _of_wheel(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode()).get_all("Requires-Dist") or []


def _of_installed(name: str) -> list[str]:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        raise BuildError(f"{name} is not installed here: run make lint or make test once, then try again") from None


def _forget_the_builder(target: Path) -> None:
    """What pip writes about the machine that it ran on: where our wheel lay, and scripts that name its Python."""
    for path in target.glob("*.dist-info/direct_url.json"):
        path.unlink()
    for path in (target / "bin", target / "share"):
        run("rm", "-rf", path)
    for record in target.glob("*.dist-info/RECORD"):
        gone = ("direct_url.json", "../../", "bin/", "share/")
        lines = record.read_text("utf-8").splitlines(keepends=True)
        record.write_text("".join(line for line in lines if not any(part in line.split(",")[0] for part in gone)), "utf-8")


def _write_entries(root: Path) -> None:
    """A script in /opt/foleni/bin for each program whose package is there."""
    config = configparser.ConfigParser(interpolation=None)
    config.read(REPOSITORY / "setup.cfg", "utf-8")
    for line in config["options.entry_points"]["console_scripts"].strip().splitlines():
        name, _, where = line.partition("=")
        module, _, function = where.strip().partition(":")
        script = root / HOME / "bin" / name.strip()
        script.write_text(_ENTRY.format(module=module, function=function))
        script.chmod(0o755)
