"""The whole screen: it takes pictures and draws what is not as it was."""

from typing import Any

from kivy.core.window import Window
from kivy.graphics import Color, Rectangle

from display.geometry import Needs, Plan, plan
from display.picture import Picture, Poster
from display.pixels import Pixels
from display.views.board import BoardView
from display.views.edges import FooterView, HeaderView
from display.views.panel import PanelView, Want
from display.views.sheet import Sheet
from display.views.sign import SignView
from display.views.table import TableView
from foleni.look.tokens import NIGHT, rgba

_LEAST_WIDTH_PX = 200
"""A window that is not open yet is smaller."""
_DIMMED = 0.4
"""How much of the night lies over a picture that is not live."""
_NOWHERE = (0, 0)


class Wall:
    """`root` is the widget for the stage. For the stage's thread only."""

    def __init__(self, want_photo: Want) -> None:
        self._sheet = Sheet()
        self.root: Any = self._sheet.layer
        self.root.size_hint = (1, 1)
        Window.clearcolor = rgba(NIGHT)  # a ground that is drawn costs as much again
        self._header = HeaderView(self._sheet)
        self._board = BoardView(self._sheet)
        self._panel = PanelView(self._sheet, want_photo)
        self._table = TableView(self._sheet)
        self._footer = FooterView(self._sheet)
        self._sign = SignView(self._sheet)
        with self.root.canvas.after:
            self._shade = Color(*rgba(NIGHT, 0))
            self._shaded = Rectangle(size=_NOWHERE)
        self._shadow = (0, 0), _NOWHERE
        self._laid: tuple[Needs, tuple[float, float], bool] | None = None
        self._picture: Picture | None = None
        self._latest: Picture | None = None
        self.root.bind(size=self._resized)

    def show(self, picture: Picture) -> None:
        """Have this picture on the screen; at the next frame it is."""
        self._latest = picture
        if picture == self._picture or self.root.width < _LEAST_WIDTH_PX:
            return
        self._picture = picture
        self._lay(picture)
        self._header.show(picture.header)
        self._board.show(picture)
        self._panel.show(picture)
        self._table.show(picture)
        self._footer.show(picture.footer)
        self._shade_over(dimmed=picture.is_dimmed and picture.sign is None)
        self._sign.show(picture.sign)

    def show_photo(self, path: str, pixels: Pixels) -> None:
        self._panel.show_photo(path, pixels)

    def _resized(self, *_: object) -> None:
        picture, self._picture = self._latest, None
        if picture is not None:
            self.show(picture)

    def _lay(self, picture: Picture) -> None:
        """Place everything anew where there is something else to place."""
        wanted = (_needs(picture), tuple(self.root.size), picture.is_mirrored)
        if wanted == self._laid:
            return
        self._laid = wanted
        self._sheet.is_mirrored = picture.is_mirrored
        width, height = round(self.root.width), round(self.root.height)
        placed = plan(width, height, wanted[0])
        for view in (self._header, self._board, self._panel, self._table, self._footer):
            view.lay(placed)
        self._cover(placed, width, height)

    def _cover(self, placed: Plan, width: int, height: int) -> None:
        """The shade lies over all but the lines at the top and at the bottom."""
        below = placed.footer.height if placed.footer is not None else 0
        self._shadow = (0, below), (width, height - placed.header.height - below)

    def _shade_over(self, *, dimmed: bool) -> None:
        """A shade that nobody sees has no size either: where it has, each picture takes a third longer."""
        self._shade.a = _DIMMED if dimmed else 0.0
        self._shaded.pos, self._shaded.size = self._shadow if dimmed else ((0, 0), _NOWHERE)


def _needs(picture: Picture) -> Needs:
    panel = picture.panel
    has_panel = not isinstance(panel, Poster) or bool(panel.text)
    has_notice = has_panel and (not isinstance(panel, Poster) or panel.is_notice)
    counts = len(picture.rows), len(picture.recent), len(picture.services)
    return Needs(*counts, has_panel=has_panel, has_notice=has_notice, has_footer=bool(picture.footer))
