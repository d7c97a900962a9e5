"""Signs that need no translation; all of them are in the bundled fonts."""

BACK = "←"
FORWARD = "→"
DOWN = "↓"
CHEVRON = "\u203a"
CLOSE = "\u00d7"
ERASE = "⌫"
CHOSEN = "✓"
MORE = "…"
WRONG = "!"
_TURNED = str.maketrans({"←": "→", "→": "←", "\u203a": "\u2039"})


def turned(text: str) -> str:
    """The same signs for those who read from right to left."""
    return text.translate(_TURNED)
