"""What a box says of itself in plain words, on its screen before its program draws there, and on its serial line. Pure."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """How a box is at a moment. `program` is what systemd calls the program's state: `active`, `activating` ...; `told` is
    what a program that belongs to no branch yet says, such as its code.
    """

    title: str
    version: str
    role: str = ""
    slot: str = ""
    program: str = "activating"
    starts: int = 0
    told: str = ""
    addresses: tuple[str, ...] = ()
    has_cable: bool = True
    faults: tuple[str, ...] = ()
    is_storage_broken: bool = False
    failed: tuple[str, ...] = ()
    is_on_trial: bool = False
    code: str = ""
    """The one-time code of the first administrator, where a new branch has told one."""


_MANY_STARTS = 5
_MARGIN = "  "

_EN = {
    "starting": "starting ...",
    "working": "working",
    "again": "did not stay up, and is started again (times so far: {starts})",
    "stopped": "stopped",
    "no_cable": "No network cable is plugged in.",
    "no_address": "There is no address yet: is the router on? Without one, write a fixed address into foleni.txt.",
    "address": "Address: {addresses}",
    "open": "Open in a browser on this network: {urls}",
    "code": "For the first sign-in as admin, once: {code}",
    "storage": "The data partition of this disk cannot be used. Nothing is started, so that nothing is lost.",
    "storage_do": "Put in another box, and keep this disk: what is on it can perhaps be read (docs/troubleshoot.md).",
    "fault": "This line is left out: {fault}",
    "fault_do": "Correct foleni.txt on the boot partition with any PC, and start this box again.",
    "failed": "Not working: {failed}",
    "help": "If this stays for more than ten minutes: switch the box off and on once; then call whoever looks after it.",
    "trial": "This is the first start of a new version. If it does not work, the old one comes back by itself.",
}
_FR = {
    "starting": "démarre ...",
    "working": "fonctionne",
    "again": "s'est arrêté et redémarre (jusqu'ici : {starts})",
    "stopped": "arrêté",
    "no_cable": "Aucun câble réseau n'est branché.",
    "no_address": "Pas encore d'adresse : le routeur est-il allumé ? Sans routeur, écrivez une adresse fixe dans foleni.txt.",
    "address": "Adresse : {addresses}",
    "open": "Ouvrez dans un navigateur de ce réseau : {urls}",
    "code": "Pour la première connexion comme admin, une fois : {code}",
    "storage": "La partition des données de ce disque est inutilisable. Rien n'est démarré, afin que rien ne soit perdu.",
    "storage_do": "Installez un autre boîtier et gardez ce disque : on pourra peut-être encore le lire (docs/troubleshoot.md).",
    "fault": "Cette ligne est ignorée : {fault}",
    "fault_do": "Corrigez foleni.txt sur la partition de démarrage avec n'importe quel PC, puis redémarrez ce boîtier.",
    "failed": "Ne fonctionne pas : {failed}",
    "help": "Si cela dure plus de dix minutes : éteignez et rallumez le boîtier une fois ; puis appelez qui s'en occupe.",
    "trial": "Premier démarrage d'une nouvelle version. Si elle ne fonctionne pas, l'ancienne revient d'elle-même.",
}
_RW = {
    "starting": "kiratangira ...",
    "working": "kirakora",
    "again": "cyahagaze, kirongera gutangira (inshuro {starts} kugeza ubu)",
    "stopped": "cyahagaze",
    "no_cable": "Nta rusinga rw'umuyoboro rucometse.",
    "no_address": "Nta aderesi iraboneka: router iracyaka? Niba nta yo, andika aderesi ihoraho muri foleni.txt.",
    "address": "Aderesi: {addresses}",
    "open": "Fungura muri mushakisha yo kuri uyu muyoboro: {urls}",
    "code": "Kwinjira bwa mbere nka admin, rimwe gusa: {code}",
    "storage": "Igice cy'amakuru cy'iyi disiki ntigikora. Nta kintu gitangizwa, kugira ngo hatagira igitakara.",
    "storage_do": "Shyiramo akandi gasanduku, ubike iyi disiki: ibiriho bishobora kuba bigisomeka (docs/troubleshoot.md).",
    "fault": "Uyu murongo ntiwakoreshejwe: {fault}",
    "fault_do": "Kosora foleni.txt kuri PC iyo ari yo yose, hanyuma wongere utangize aka gasanduku.",
    "failed": "Ntibikora: {failed}",
    "help": "Niba bimaze iminota irenga icumi: zimya wongere ucane rimwe; hanyuma uhamagare ubishinzwe.",
    "trial": "Ni bwo verisiyo nshya itangiye. Niba idakoze, iya kera igaruka ubwayo.",
}
_SENTENCES = {"en": _EN, "fr": _FR, "rw": _RW}
_PORT = 8443


def said(standing: Standing, language: str) -> list[str]:
    """The lines, the most important first; what a person should do stands below what is wrong."""
    words = _SENTENCES.get(language, _EN)
    system = f" ({standing.slot})" if standing.slot else ""
    lines = [f"Foleni {standing.title} {standing.version}{system}: {_state(standing, words)}"]
    if standing.is_storage_broken:
        return [*lines, "", words["storage"], words["storage_do"]]
    if standing.told:
        lines += ["", *standing.told.split(" | ")]
    lines += ["", *_network(standing, words)]
    if standing.code:
        lines.append(words["code"].format(code=standing.code))
    if standing.is_on_trial:
        lines.append(words["trial"])
    if standing.faults:
        lines += ["", *(words["fault"].format(fault=fault) for fault in standing.faults), words["fault_do"]]
    if standing.failed:
        lines += ["", words["failed"].format(failed=", ".join(standing.failed))]
    if standing.failed or standing.starts >= _MANY_STARTS:
        lines.append(words["help"])
    return lines


def _state(standing: Standing, words: dict[str, str]) -> str:
    if standing.is_storage_broken or standing.program in {"inactive", "failed"}:
        return words["stopped"]
    if standing.program == "active":
        return words["working"]
    return words["again"].format(starts=standing.starts) if standing.starts else words["starting"]


def _network(standing: Standing, words: dict[str, str]) -> list[str]:
    if not standing.has_cable:
        return [words["no_cable"]]
    if not standing.addresses:
        return [words["no_address"]]
    lines = [words["address"].format(addresses=", ".join(standing.addresses))]
    if standing.role == "server":
        urls = " ".join(f"https://{_in_url(address)}:{_PORT}" for address in standing.addresses)
        lines.append(words["open"].format(urls=urls))
    return lines


def _in_url(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def screen(lines: Sequence[str], columns: int = 80) -> str:
    """The lines as a text console of so many `columns` takes them: cleared, between margins, without a cursor."""
    broken = [part for line in lines for part in textwrap.wrap(line, columns - 2 * len(_MARGIN)) or [""]]
    body = "\r\n".join(f"{_MARGIN}{line}" if line else "" for line in broken)
    return f"\x1b[2J\x1b[H\x1b[?25l\r\n{body}\r\n"


def serial(lines: Sequence[str]) -> str:
    """The lines for a serial console, where everything before stays to be read."""
    return "".join(f"{line}\r\n" for line in lines if line)
