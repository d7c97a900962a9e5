"""How the queue says no."""

from foleni.messages.replies import Code


class Refused(Exception):  # noqa: N818 - the field's word: a refusal is an answer, not a fault
    """A command that cannot be done. It has changed nothing.

    `ticket` is the id of the ticket that stands in the way, where one does.
    """

    def __init__(self, code: Code, message: str, ticket: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.ticket = ticket
