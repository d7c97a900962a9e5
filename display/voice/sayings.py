"""What is said at a call, in one language: words for a voice, and the names of clips for a recorded one."""

import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

from display.picture import Announcement
from foleni.words import words

_SENTENCE = "Ticket {number}, counter {counter}"
_SPELLED = re.compile(r"[A-Z]{1,2}[0-9]+")
_ROOM = "display"
_ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Saying:
    """`text` is to be read by people; `ssml` by a voice; `clips` are file names without `.wav`, in order."""

    language: str
    text: str
    ssml: str
    clips: tuple[str, ...]


def sayings(announcement: Announcement, languages: tuple[str, ...]) -> list[Saying]:
    """The call in each of the languages, in their order; one for which there are no words is left out."""
    return [_saying(announcement, language) for language in languages if has_words(language)]


def has_words(language: str) -> bool:
    return language.split("-", maxsplit=1)[0] == _ENGLISH or _sentence(language) != _SENTENCE


def _sentence(language: str) -> str:
    say = words(_ROOM, language)
    return say("Ticket {number}, counter {counter}")


def _saying(announcement: Announcement, language: str) -> Saying:
    sentence, number, counter = _sentence(language), announcement.number, announcement.counter
    spelled_counter = _SPELLED.fullmatch(counter) is not None
    text = sentence.format(number=" ".join(number), counter=" ".join(counter) if spelled_counter else counter)
    ssml = escape(sentence).format(number=_spell(number), counter=_spell(counter) if spelled_counter else escape(counter))
    return Saying(language, text, f"<speak>{ssml}</speak>", ("ticket", *_letters(number), "counter", *_letters(counter)))


def _spell(text: str) -> str:
    """Letter by letter: a voice would read A042 as forty-two."""
    return f'<say-as interpret-as="characters">{escape(text)}</say-as>'


def _letters(text: str) -> tuple[str, ...]:
    return tuple(letter for letter in text.lower() if letter.isalnum())
