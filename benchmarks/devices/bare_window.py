"""The floor of starts and memory: a Kivy window of one colour, drawn once. `python -m benchmarks.devices.bare_window WxH`."""

import sys

from foleni.screens import Stage, prepare


def main() -> None:
    """Until SIGTERM."""
    width, height = (int(side) for side in sys.argv[1].split("x"))
    prepare("bare", (width, height), fullscreen=False)

    def root() -> object:
        from kivy.uix.widget import Widget  # noqa: PLC0415 - needs what `prepare` does

        from foleni.screens import paint  # noqa: PLC0415

        widget = Widget()
        paint(widget, "#0B6B52")
        return widget

    Stage(root).run()


if __name__ == "__main__":
    main()
