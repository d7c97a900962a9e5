"""What can be said to the demo: one sentence a line, the same on the terminal and in a script."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from foleni.demo.house import House

Action = Callable[[House], str]
"""Does what a line says; the answer is a sentence for people. Raises `WrongError` where it did not come true."""


class WordsError(Exception):
    """A line that means nothing; the text says why and shows how it is meant."""


class WrongError(Exception):
    """Something did not come out as the line said it would."""


@dataclass(frozen=True, slots=True)
class Verb:
    """A word that a line can begin with. `read` makes an action of the words after it; raises `WordsError`."""

    name: str
    usage: str
    meaning: str
    example: str
    read: Callable[[Sequence[str]], Action]


@dataclass(frozen=True, slots=True)
class Line:
    """One line that was understood."""

    number: int
    text: str
    action: Action


class Vocabulary:
    """All verbs, by name."""

    def __init__(self, verbs: Sequence[Verb]) -> None:
        self.verbs = {verb.name: verb for verb in verbs}

    def understand(self, text: str, number: int = 1) -> Line | None:
        """The action of one line; None for an empty one or a remark (`# …`). Raises `WordsError`."""
        words = text.partition("#")[0].split()
        if not words:
            return None
        verb = self.verbs.get(words[0])
        if verb is None:
            raise WordsError(f"{words[0]!r} is not known; there are: {', '.join(self.verbs)}")
        try:
            return Line(number, " ".join(words), verb.read(words[1:]))
        except WordsError as error:
            raise WordsError(f"{error}. Say: {verb.usage}, for example: {verb.example}") from None

    def understand_all(self, text: str, source: str) -> list[Line]:
        """A whole script. Raises `WordsError` that names every faulty line of `source`."""
        lines, faults = [], []
        for number, written in enumerate(text.splitlines(), 1):
            try:
                line = self.understand(written, number)
            except WordsError as error:
                faults.append(f"{source}, line {number}: {error}")
            else:
                if line is not None:
                    lines.append(line)
        if faults:
            raise WordsError("\n".join(faults))
        if not lines:
            raise WordsError(f"{source} has no line to play")
        return lines

    def help(self) -> str:
        width = max(len(verb.usage) for verb in self.verbs.values())
        return "\n".join(f"  {verb.usage:{width}}  {verb.meaning}" for verb in self.verbs.values())


def exactly(words: Sequence[str], *names: str) -> tuple[str, ...]:
    """The words, one for each name. Raises `WordsError`."""
    if len(words) < len(names):
        raise WordsError(f"the {names[len(words)]} is missing")
    if len(words) > len(names):
        raise WordsError(f"{' '.join(words[len(names) :])!r} is too much")
    return tuple(words)


def one_of(word: str, allowed: Sequence[str], name: str) -> str:
    if word not in allowed:
        raise WordsError(f"{word!r} is no {name}: {', '.join(allowed)}")
    return word


def number(word: str, name: str, most: float = 600.0) -> float:
    try:
        value = float(word)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most:
        raise WordsError(f"{word!r} is no {name}: a number from 0 to {most:g}")
    return value
