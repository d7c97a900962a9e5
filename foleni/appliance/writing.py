"""The texts of files that `foleni.txt` decides. Pure: values in, text out."""

import json
import tomllib
from collections.abc import Mapping

from foleni.appliance.bootfile import BootFile

_PROGRAM_OF = {"server": "branch", "kiosk": "kiosk", "display": "display"}
_KEYS_OF = {
    "branch": (),
    "kiosk": ("branch", "server", "mqtt", "device", "printer", "paper"),
    "display": ("branch", "server", "mqtt", "device"),
}


def program_of(role: str) -> str:
    """The name of the settings file of a role's program."""
    return _PROGRAM_OF.get(role, "")


def program_settings(role: str, usual: str, given: BootFile) -> str:
    """The program's settings as TOML: its usual ones, and on top what the installer wrote. Raises `ValueError` for usual
    ones that cannot be read.
    """
    settings = tomllib.loads(usual)
    settings |= {key: given.values[key] for key in _KEYS_OF[program_of(role)] if key in given.values}
    if role == "display" and given.get("sound") == "off":
        settings["mute"] = True
    return "".join(f"{key} = {_toml(value)}\n" for key, value in settings.items())


def _toml(value: object) -> str:
    """Strings, numbers and truth are written alike in TOML and JSON; the programs' usual settings have nothing else."""
    if not isinstance(value, str | int | float | bool):
        raise ValueError(f"{value!r} is not a plain setting")
    return json.dumps(value, ensure_ascii=False)


def program_environment(given: BootFile) -> str:
    """What the program's unit reads beside: the screen's rotation."""
    rotation = given.get("rotation", "0")
    return "" if rotation == "0" else f"KCFG_GRAPHICS_ROTATION={rotation}\n"


def network(given: BootFile) -> str:
    """systemd-networkd's file for every cable."""
    fixed = given.get("network", "dhcp")
    lines = ["[Match]", "Type=ether", "", "[Network]", "LLMNR=no", "MulticastDNS=no"]
    if fixed == "dhcp":
        lines += ["DHCP=yes", "LinkLocalAddressing=yes"]
    else:
        lines += [f"Address={fixed}", "DHCP=no", "LinkLocalAddressing=ipv6"]
        lines += [f"Gateway={gateway}" for gateway in [given.get("gateway")] if gateway]
    lines += [f"DNS={server}" for server in given.get("dns").split()]
    lines += [f"NTP={server}" for server in given.get("ntp").split()]
    lines += ["", "[DHCPv4]", "ClientIdentifier=mac", "UseHostname=no", "", "[DHCPv6]", "UseHostname=no"]
    return "\n".join(lines) + "\n"


def ssh_rule() -> str:
    """The firewall's hole for whoever has the key."""
    return 'add rule inet foleni input tcp dport 22 ct state new limit rate 10/minute accept comment "the key in foleni.txt"\n'


def hostname(about: Mapping[str, str], short_id: str, given: BootFile) -> str:
    """Such as foleni-kiosk-3f2a; a server has the name of its branch, as a new branch has that of its server."""
    role = about.get("ROLE", "box")
    branch = given.get("branch").strip("-") if role == "server" else ""
    return branch or f"foleni-{role}-{short_id}"
