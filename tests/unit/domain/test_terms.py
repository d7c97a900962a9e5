"""A term begins: it only grows, and leaves out the numbers that the server before may have given."""

from branch_server.domain.events import TermBegan
from foleni.messages import commands as c
from foleni.messages.replies import Code
from tests.unit.domain.world import World


def test_numbers_go_on_behind_those_that_may_have_been_given() -> None:
    world = World()
    first = world.join()
    assert world.do(c.BeginTerm, term=3, by="ada", skipped=20) == [TermBegan(3, "ada", 20)]
    second = world.join()
    assert world.state.term == 3
    assert int(second.number[1:]) == int(first.number[1:]) + 21


def test_a_term_that_is_over_does_not_begin_again() -> None:
    world = World()
    world.do(c.BeginTerm, term=2, by="ada")
    for term in (1, 2):
        assert world.code(c.BeginTerm, term=term, by="bob") is Code.INVALID
    assert world.state.term == 2
