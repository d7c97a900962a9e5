"""The ground on which a part of the screen puts its widgets."""

from typing import Any

from kivy.uix.widget import Widget

from foleni.look.boxes import Box
from foleni.look.tokens import NIGHT2, WHITE
from foleni.screens import Panel, Text


class Sheet:
    """A layer of the screen. Boxes count y from the top; where `is_mirrored` they stand the other way round."""

    def __init__(self, parent: "Sheet | None" = None) -> None:
        self.layer: Any = Widget(size_hint=(None, None))
        self.root: Any = parent.root if parent is not None else self.layer
        self._parent = parent
        self._is_mirrored = False
        self._texts: list[Any] = []

    @property
    def is_mirrored(self) -> bool:
        return self._parent.is_mirrored if self._parent is not None else self._is_mirrored

    @is_mirrored.setter
    def is_mirrored(self, mirrored: bool) -> None:
        self._is_mirrored = mirrored

    def text(self, px: int = 38, color: str = WHITE, **style: Any) -> Any:
        """A new text on this layer."""
        text = Text(px=px, color=color, size_hint=(None, None), shrink=True, **style)
        self.layer.add_widget(text)
        return text

    def panel(self, fill: str = NIGHT2, **style: Any) -> Any:
        """A new rounded surface on this layer."""
        panel = Panel(fill=fill, size_hint=(None, None), **style)
        self.layer.add_widget(panel)
        return panel

    def place(self, widget: Any, box: Box, **changes: Any) -> None:
        """Put a widget where `box` says, with other properties of it."""
        at = box.mirrored(round(self.root.width)) if self.is_mirrored else box
        for name, value in changes.items():
            setattr(widget, name, value)
        if isinstance(widget, Text):
            widget.right_to_left = self.is_mirrored
        widget.size = at.width, at.height
        widget.pos = at.x, round(self.root.height) - at.bottom

    def show(self, *, shown: bool = True) -> None:
        """Have this layer on the screen, above its earlier neighbours, or not."""
        assert self._parent is not None
        is_shown = self.layer.parent is not None
        if shown and not is_shown:
            self._parent.layer.add_widget(self.layer)
        elif is_shown and not shown:
            self._parent.layer.remove_widget(self.layer)
