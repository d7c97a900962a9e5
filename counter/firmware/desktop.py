# mypy: ignore-errors
"""The reference unit without a board: its keys are typed, its display is printed.

`run` wants a host with `now()` in milliseconds, `sleep(ms)`, `read()` and `write(text)` for the line, `typed()` for a typed
line (empty where there is none, None at the end) and `show(text)`. Typed lines are `K NEXT`, `D NEXT`, `L NEXT`.
"""

from foleni_unit import Unit


def run(host, address):
    """Be a unit until the typing ends."""
    unit = Unit(address, "DESKTOP")
    shown = None
    while True:
        now = host.now()
        answer = unit.feed(host.read().encode(), now)
        if answer:
            host.write(answer.decode())
        typed = host.typed()
        if typed is None:
            return
        words = typed.split()
        if len(words) == 2:
            unit.press(words[0], words[1], now)
        unit.tick(now)
        showing = f"{unit.text(now)}|{unit.waiting}|{unit.lamp}|{int(unit.blink)}|{unit.sounds}"
        unit.sounds = 0
        if showing != shown:
            shown = showing
            host.show(showing)
        host.sleep(2)
