"""What a person does on each system so that it believes the branch's authority."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from foleni.words.catalogue import Words


@dataclass(frozen=True, slots=True)
class System:
    """One kind of machine or browser: `key` for the page, `name` as its maker writes it, `steps` in order."""

    key: str
    name: str
    steps: Sequence[str]


def systems(say: Words) -> list[System]:
    """All that we know the steps of, in the language of `say`."""
    return [
        System("windows", "Windows", _windows(say)),
        System("macos", "macOS", _macos(say)),
        System("android", "Android", _android(say)),
        System("ios", "iPhone, iPad", _ios(say)),
        System("firefox", "Firefox", _firefox(say)),
        System("linux", "Chrome (Linux)", _linux(say)),
    ]


_MARKS: Sequence[tuple[str, Callable[[str], bool]]] = (
    ("ios", lambda agent: "iPhone" in agent or "iPad" in agent),
    ("android", lambda agent: "Android" in agent),
    ("firefox", lambda agent: "Firefox/" in agent),
    ("windows", lambda agent: "Windows" in agent),
    ("macos", lambda agent: "Macintosh" in agent),
    ("linux", lambda agent: "Linux" in agent),
)


def system_of(agent: str) -> str:
    """Which of them a browser that says `agent` of itself runs on; empty where it cannot be told."""
    return next((key for key, fits in _MARKS if fits(agent)), "")


def _windows(say: Words) -> list[str]:
    return [
        say("Open the file that you downloaded and choose “Install Certificate”."),
        say("Choose “Local Machine”, or “Current User” where you may not change this computer."),
        say("Choose “Place all certificates in the following store” and there “Trusted Root Certification Authorities”."),
        say("Finish, close the browser and open it again."),
    ]


def _macos(say: Words) -> list[str]:
    return [
        say("Open the file that you downloaded: “Keychain Access” opens. Add it to the keychain “System”."),
        say("Open the certificate there, open “Trust”, and choose “Always Trust”."),
        say("Close the window and confirm with your password. Open the browser again."),
    ]


def _android(say: Words) -> list[str]:
    return [
        say("Open Settings, Security, “Encryption and credentials”, “Install a certificate”, “CA certificate”."),
        say("Choose “Install anyway” and the file that you downloaded."),
        say("Close the browser and open it again."),
    ]


def _ios(say: Words) -> list[str]:
    return [
        say("Open this page in Safari, download the certificate and allow the profile."),
        say("Open Settings, General, “VPN & Device Management”, choose the profile and install it."),
        say("Open Settings, General, About, “Certificate Trust Settings”, and switch the certificate on."),
    ]


def _firefox(say: Words) -> list[str]:
    return [
        say("Open Settings, “Privacy & Security”, “View Certificates”, “Authorities”, and choose “Import”."),
        say("Choose the file that you downloaded and tick “Trust this CA to identify websites”."),
    ]


def _linux(say: Words) -> list[str]:
    return [
        say("Open Settings, “Privacy and security”, “Security”, “Manage certificates”, and import it under “Authorities”."),
        say("Tick “Trust this certificate for identifying websites”."),
    ]
