"""`python -m foleni.appliance setup|words`: what an image's own units run."""

import sys

from foleni.appliance import setup, telling, words
from foleni.appliance.box import Box
from foleni.appliance.words import Standing

_WRONG = 2


def main(argv: list[str] | None = None) -> int:
    """The exit status: 0 also where `foleni.txt` has faults, which are told on the screen; 2 for a wrong word."""
    asked = sys.argv[1:] if argv is None else argv
    box = Box()
    if asked == ["setup"]:
        _set_up(box)
    elif asked == ["words"]:
        telling.tell(box)
    else:
        print("python -m foleni.appliance setup|words", file=sys.stderr)  # noqa: T201 - for whoever called it
        return _WRONG
    return 0


def _set_up(box: Box) -> None:
    about = box.about()
    first = Standing(about.get("TITLE", "box"), about.get("VERSION", ""), is_storage_broken=box.is_storage_broken)
    telling.write(telling.SCREEN, words.screen(words.said(first, "en")[:1]))
    telling.write(telling.SERIAL, words.serial(words.said(first, "en")[:1]))
    given = setup.set_up(box)
    setup.name_the_machine(box, given)
    for fault in given.faults:
        print(f"<4>{fault}", file=sys.stderr)  # noqa: T201 - a warning in the journal


if __name__ == "__main__":
    sys.exit(main())
