"""Whatever happens at a branch, the cloud's fold of its log says the same of its queue as the branch itself."""

import json

from hypothesis import settings
from hypothesis.stateful import invariant

from branch_server.domain.events import Recorded
from branch_server.domain.state import State
from branch_server.domain.tickets import Status
from branch_server.engine.codec import dump_event
from cloud.sync.fold import fold
from cloud.sync.picture import Fact, Picture
from tests.unit.domain.test_properties import BranchMachine


def fact_of(recorded: Recorded) -> Fact:
    data = json.loads(dump_event(recorded.event))
    return Fact(
        recorded.seq, recorded.event.type, recorded.steady, recorded.at, recorded.day, recorded.command, data
    )  # fmt: skip


def check_same(picture: Picture, state: State) -> None:
    assert picture.day == state.day
    assert picture.notice == state.notice
    for ticket in state.tickets.values():
        ours = picture.tickets[ticket.id]
        seen = (ours.number, ours.service, ours.status, ours.skips, ours.stars, ours.priority)
        told = (ticket.number, ticket.service, ticket.status, ticket.skips, ticket.stars, ticket.priority)
        assert seen == told
        if ticket.status is Status.WAITING:
            assert ours.rank_at == ticket.rank_at
    for service, queue in state.queues.items():
        kept = picture.services[service]
        assert (kept.state, kept.issued, kept.reopens_at) == (queue.state, queue.issued, queue.reopens_at)
    assert picture.services.keys() == state.queues.keys()
    for counter, desk in state.desks.items():
        there = picture.counters[counter]
        assert (there.state, there.staff, there.in_hand) == (desk.state, desk.staff, desk.in_hand)


class CloudMachine(BranchMachine):
    """The branch of the domain's own properties, watched by the cloud."""

    @invariant()
    def every_event_keeps_the_rules(self) -> None:
        """The domain's own tests see to that."""

    def teardown(self) -> None:
        if hasattr(self, "ledger"):
            check_same(fold(Picture(), map(fact_of, self.world.log)), self.world.state)


TestCloudFold = CloudMachine.TestCase
TestCloudFold.settings = settings(max_examples=30, stateful_step_count=40)
