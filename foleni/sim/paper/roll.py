"""What is inside the machine: the roll, the cover, the cutter, and the status bytes that tell of them."""

from dataclasses import dataclass

LOW_DOTS = 4000
"""Half a metre: when the near-end sensor sees the core of the roll."""


@dataclass(frozen=True, slots=True)
class Inside:
    """`paper_dots` are left on the roll; None is a roll without end. Status bytes after Epson's reference."""

    paper_dots: int | None = None
    is_low: bool = False
    is_cover_open: bool = False
    is_cutter_stuck: bool = False

    @property
    def is_out(self) -> bool:
        return self.paper_dots is not None and self.paper_dots <= 0

    @property
    def is_near_end(self) -> bool:
        return self.is_low or (self.paper_dots is not None and self.paper_dots <= LOW_DOTS)

    @property
    def is_offline(self) -> bool:
        return self.is_out or self.is_cover_open or self.is_cutter_stuck

    def real_time(self, question: int) -> int | None:
        """The answer to DLE EOT; None to a question that there is none of."""
        match question:
            case 1:
                return 0x12 | 0x08 * self.is_offline
            case 2:
                return 0x12 | 0x04 * self.is_cover_open | 0x20 * self.is_out | 0x40 * self.is_cutter_stuck
            case 3:
                return 0x12 | 0x08 * self.is_cutter_stuck
            case 4:
                return 0x12 | 0x0C * self.is_near_end | 0x60 * self.is_out
            case _:
                return None

    def paper(self) -> int:
        """The answer to GS r 1."""
        return 0x03 * self.is_near_end | 0x0C * self.is_out
