"""A branch that its cloud has not heard for an hour."""

from itertools import count

from sqlalchemy import select, update

from cloud.store.tables import pulses
from foleni.times import HOUR_US
from tests.support.fake_branch import FakeBranch
from tests.support.waiting import until

_names = count(1)


def last_heard_an_hour_ago(branch: FakeBranch) -> None:
    gone = update(pulses).where(pulses.c.branch == branch.branch).values(heard_at=pulses.c.heard_at - HOUR_US)
    branch.cloud.run(lambda c: c.execute(gone))


def long_gone(branch: FakeBranch) -> None:
    """Taken for gone, and it stays so. The cloud notes at its leisure that the branch was heard just now: that is waited for,
    by another branch that was heard after it.
    """
    name = f"after-{next(_names)}"
    FakeBranch(branch.cloud, branch.cloud.branch(name), name).poll()
    noted = select(pulses.c.heard_at).where(pulses.c.branch == name)
    until(lambda: branch.cloud.run(lambda c: c.scalar(noted)), every_s=0.1)
    last_heard_an_hour_ago(branch)
