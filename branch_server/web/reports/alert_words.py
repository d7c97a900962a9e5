"""What an alert says: an English sentence in the log, and the same sentence in the language of whoever reads it."""

import re
from functools import cache

from foleni.words.catalogue import Words, msgid, words

WAITS_LONG = msgid("{name}: people have been waiting longer than {limit} min.")
NO_PAPER = msgid("{name} has no paper.")
COVER_OPEN = msgid("{name}: the printer's cover is open.")
PRINTER_FAULT = msgid("{name}: the printer does not work.")
DEVICE_GONE = msgid("{name} has not been heard since {time}.")
CLOCK_LEAP = msgid("The clock of the branch server has jumped forward. An administrator must accept the new day.")
CLOUD_TOKEN = msgid("The cloud does not accept this branch's token. Make a new one there, and put it into the token file.")
CLOUD_FORK = msgid("The cloud knows another past of this branch, so nothing is sent to it. Restore this server from the cloud.")
CLOUD_REFUSES = msgid("The cloud does not take what this branch sends. The journal of the branch server says why.")
BACKUP_LATE = msgid("The last good backup is older than {hours} hours.")
BACKUP_FULL = msgid("Backups: {place} is full.")
BACKUP_AWAY = msgid("Backups: {place} cannot be reached.")
BACKUP_REFUSED = msgid("Backups: {place} does not take them.")
BACKUP_SPOILT = msgid("Backups: {place} gives back something else than was written.")
BACKUP_NOT_MADE = msgid("The last backup could not be made. The page of the backups says why.")
STANDBY_BEHIND = msgid(
    "The standby server is behind or away. The queue goes on; if this server fails now, the last tickets may be missing there."
)

_BACKUPS = (BACKUP_LATE, BACKUP_FULL, BACKUP_AWAY, BACKUP_REFUSED, BACKUP_SPOILT, BACKUP_NOT_MADE)
_KNOWN = (*_BACKUPS, WAITS_LONG, NO_PAPER, COVER_OPEN, PRINTER_FAULT, DEVICE_GONE, CLOUD_TOKEN, CLOUD_FORK, CLOUD_REFUSES)
_FIXED = {"clock_leap": CLOCK_LEAP, "standby": STANDBY_BEHIND}
_ROOM = "branch_server.web.reports"


def alert_text(alert: str, message: str, t: Words) -> str:
    """An alert's sentence in the language of `t`, whichever room's words these are. A message that none of our sentences
    fits is given as it is.
    """
    say = words(_ROOM, t.language)
    if alert in _FIXED:
        return say(_FIXED[alert])
    for sentence in _KNOWN:
        found = _form_of(sentence).fullmatch(message)
        if found is not None:
            return say(sentence, **found.groupdict())
    return message


@cache
def _form_of(sentence: str) -> re.Pattern[str]:
    """What matches the sentence with anything in its fields."""
    parts = re.split(r"\{(\w+)\}", sentence)
    return re.compile("".join(f"(?P<{part}>.+)" if place % 2 else re.escape(part) for place, part in enumerate(parts)))
