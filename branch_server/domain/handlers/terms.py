"""Which server of a pair serves: a term begins with the first event that it writes."""

from collections.abc import Sequence

from branch_server.domain.asking import Moment
from branch_server.domain.events import Event, TermBegan
from branch_server.domain.refusals import Refused
from branch_server.domain.state import State
from foleni.messages.commands import BeginTerm
from foleni.messages.replies import Code


def begin_term(state: State, command: BeginTerm, _moment: Moment) -> Sequence[Event]:
    """Terms only grow: one that is over, or has begun, cannot begin."""
    if command.term <= state.term:
        raise Refused(Code.INVALID, f"Term {state.term} has begun already.")
    return [TermBegan(command.term, command.by, command.skipped)]
