"""User-visible words: catalogues, plurals, waits and times, in every language offered."""

from foleni.words.catalogue import OWN_NAMES, Words, msgid, pick, words
from foleni.words.times import day_and_time, time_of_day
from foleni.words.waits import wait_phrase, wait_short

__all__ = ["OWN_NAMES", "Words", "day_and_time", "msgid", "pick", "time_of_day", "wait_phrase", "wait_short", "words"]
