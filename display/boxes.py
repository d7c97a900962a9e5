"""Rectangles in whole px, y from the top."""

from dataclasses import dataclass


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

    def split_rows(self, upper_px: int, gap: int) -> tuple["Box", "Box"]:
        """The upper part, and what is left below a gap."""
        lower = Box(self.x, self.y + upper_px + gap, self.width, self.height - upper_px - gap)
        return self.top_part(upper_px), lower

    def split_columns(self, left_px: int, gap: int) -> tuple["Box", "Box"]:
        """The left part, and what is left beside a gap."""
        right = Box(self.x + left_px + gap, self.y, self.width - left_px - gap, self.height)
        return Box(self.x, self.y, left_px, self.height), right

    def top_part(self, height: int) -> "Box":
        return Box(self.x, self.y, self.width, height)

    def inset(self, dx: int, dy: int = 0) -> "Box":
        """The same with less at each side."""
        return Box(self.x + dx, self.y + dy, max(0, self.width - 2 * dx), max(0, self.height - 2 * dy))

    def mirrored(self, width: int) -> "Box":
        """Its place on a screen of that width that is read from the right."""
        return Box(width - self.right, self.y, self.width, self.height)

    def overlaps(self, other: "Box") -> bool:
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: "Box") -> bool:
        return self.x <= other.x and self.y <= other.y and other.right <= self.right and other.bottom <= self.bottom


def grid(box: Box, count: int, columns: int, gap: int) -> tuple[Box, ...]:
    """`count` cells of one size, column by column from the top left; rows fill the height."""
    rows = max(1, -(-count // columns))
    gap_y = min(gap, box.height // (3 * rows))
    wide = (box.width - gap * (columns - 1)) // columns
    tall = (box.height - gap_y * (rows - 1)) // rows
    return tuple(
        Box(box.x + (at // rows) * (wide + gap), box.y + (at % rows) * (tall + gap_y), wide, tall) for at in range(count)
    )
