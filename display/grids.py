"""Cells of one size in a box."""

from foleni.look.boxes import Box


def grid(box: Box, count: int, columns: int, gap: int) -> tuple[Box, ...]:
    """`count` cells of one size, column by column from the top left; rows fill the height."""
    rows = max(1, -(-count // columns))
    gap_y = min(gap, box.height // (3 * rows))
    wide = (box.width - gap * (columns - 1)) // columns
    tall = (box.height - gap_y * (rows - 1)) // rows
    return tuple(
        Box(box.x + (at // rows) * (wide + gap), box.y + (at % rows) * (tall + gap_y), wide, tall) for at in range(count)
    )
