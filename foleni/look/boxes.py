"""Rectangles on a screen, in whole px from its top left corner."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Box:
    """`x` and `y` are its upper left corner."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def middle(self) -> int:
        return self.y + self.height // 2

    def overlaps(self, other: "Box") -> bool:
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: "Box") -> bool:
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom

    def has(self, x: float, y: float) -> bool:
        return self.x <= x < self.right and self.y <= y < self.bottom

    def inset(self, across: int, down: int | None = None) -> "Box":
        """Smaller by `across` on the left and right, by `down` (the same where it is not given) above and below."""
        down = across if down is None else down
        return Box(self.x + across, self.y + down, max(0, self.width - 2 * across), max(0, self.height - 2 * down))

    def upper(self, height: int) -> "Box":
        return replace(self, height=min(height, self.height))

    def lower(self, height: int) -> "Box":
        height = min(height, self.height)
        return replace(self, y=self.bottom - height, height=height)

    def left(self, width: int) -> "Box":
        return replace(self, width=min(width, self.width))

    def right_part(self, width: int) -> "Box":
        width = min(width, self.width)
        return replace(self, x=self.right - width, width=width)

    def below(self, y: int) -> "Box":
        """What lies below the line `y`."""
        top = min(max(y, self.y), self.bottom)
        return replace(self, y=top, height=self.bottom - top)

    def above(self, y: int) -> "Box":
        """What lies above the line `y`."""
        return replace(self, height=max(0, min(y, self.bottom) - self.y))

    def after(self, x: int) -> "Box":
        """What lies right of the line `x`."""
        left = min(max(x, self.x), self.right)
        return replace(self, x=left, width=self.right - left)

    def before(self, x: int) -> "Box":
        """What lies left of the line `x`."""
        return replace(self, width=max(0, min(x, self.right) - self.x))

    def split_rows(self, upper_px: int, gap: int) -> tuple["Box", "Box"]:
        """The upper part, and what is left below a gap."""
        lower = Box(self.x, self.y + upper_px + gap, self.width, self.height - upper_px - gap)
        return replace(self, height=upper_px), lower

    def split_columns(self, left_px: int, gap: int) -> tuple["Box", "Box"]:
        """The left part, and what is left beside a gap."""
        right = Box(self.x + left_px + gap, self.y, self.width - left_px - gap, self.height)
        return replace(self, width=left_px), right

    def centred(self, width: int, height: int) -> "Box":
        """A box of that size, at most as large as this one, in its middle."""
        width, height = min(width, self.width), min(height, self.height)
        return Box(self.x + (self.width - width) // 2, self.y + (self.height - height) // 2, width, height)

    def grid(self, columns: int, rows: int, gap: int) -> list["Box"]:
        """Cells of equal size, row by row, `gap` apart."""
        width = (self.width - gap * (columns - 1)) // columns
        height = (self.height - gap * (rows - 1)) // rows
        return [
            Box(self.x + column * (width + gap), self.y + row * (height + gap), width, height)
            for row in range(rows)
            for column in range(columns)
        ]

    def mirrored(self, width: int) -> "Box":
        """Where this box lies on a screen of that width that is read from right to left."""
        return replace(self, x=width - self.right)
