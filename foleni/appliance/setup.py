"""Does at every start what `foleni.txt` says. The same file does the same again; a wrong one keeps no box from starting."""

import contextlib
import os
import shutil
import socket
import subprocess
from pathlib import Path

from foleni.appliance import bootfile, writing
from foleni.appliance.bootfile import BootFile, Fault
from foleni.appliance.box import Box

_SECRET = 0o640


def set_up(box: Box) -> BootFile:
    """Write every file that depends on `foleni.txt`; returns what it said."""
    given = _read(box)
    box.run.mkdir(parents=True, exist_ok=True)
    role = box.about().get("ROLE", "")
    faults = [*given.faults, *_write_programs(box, role, given)]
    _put(box.run / "language", given.get("language", "en"))
    _write_clock(box, given)
    _put(box.root / "run/systemd/network/10-foleni.network", writing.network(given))
    _write_ssh(box, given)
    _put(box.run / "faults", "".join(f"{fault}\n" for fault in faults))
    return BootFile(given.values, tuple(faults))


def name_the_machine(box: Box, given: BootFile) -> None:
    """Give the running machine its name; for root, on a box."""
    name = writing.hostname(box.about(), box.short_id, given)
    with contextlib.suppress(OSError):
        socket.sethostname(name)


def _read(box: Box) -> BootFile:
    try:
        raw = box.boot_file.read_bytes()
    except FileNotFoundError:
        return BootFile()  # everything has a usual value
    except OSError as error:
        return BootFile(faults=(Fault(0, "", f"cannot be read: {error.strerror}"),))
    return bootfile.read(raw)


def _write_programs(box: Box, role: str, given: BootFile) -> list[Fault]:
    """The settings of the box's programs; who may read them is the business of systemd-tmpfiles."""
    faults = []
    for usual in sorted(box.usual_settings.glob("*.toml")):
        try:
            text = usual.read_text("utf-8")
            if usual.stem == writing.program_of(role):
                text = writing.program_settings(role, text, given)
                _put(box.settings / f"{usual.stem}.env", writing.program_environment(given))
            _put(box.settings / usual.name, text, _SECRET)
        except (OSError, ValueError) as error:
            faults.append(Fault(0, usual.name, f"the image's own settings cannot be used: {error}"))
    return faults


def _write_clock(box: Box, given: BootFile) -> None:
    """/etc/localtime of the image points here."""
    zone = box.root / "usr/share/zoneinfo" / given.get("timezone", "UTC")
    link = box.run / "localtime"
    link.unlink(missing_ok=True)
    link.symlink_to(zone)


def _write_ssh(box: Box, given: BootFile) -> None:
    """A key lets its holder in, as root, by SSH; without one there is no way in, and the port stays shut."""
    keys, rule = box.run / "authorized_keys", box.run / "nftables.d/ssh.nft"
    key = given.get("ssh_key")
    if not key:
        keys.unlink(missing_ok=True)
        rule.unlink(missing_ok=True)
        return
    _make_host_key(box.data / "ssh")
    _put(keys, f"{key}\n", 0o600)
    _put(rule, writing.ssh_rule())


def _make_host_key(folder: Path) -> None:
    """The box's own key for SSH, made when it is first needed; a half-made one is made again."""
    key = folder / "ssh_host_ed25519_key"
    maker = shutil.which("ssh-keygen")
    if maker is None or (key.exists() and key.with_suffix(".pub").exists()):
        return
    folder.mkdir(parents=True, exist_ok=True)
    making = folder / "making"
    for path in (making, folder / "making.pub"):
        path.unlink(missing_ok=True)
    subprocess.run([maker, "-q", "-t", "ed25519", "-N", "", "-C", "foleni", "-f", making], check=False)  # noqa: S603 - fixed words
    if making.exists():
        making.replace(key)
        (folder / "making.pub").replace(key.with_suffix(".pub"))


def _put(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
        file.write(text)
    new.chmod(mode)
    new.replace(path)
