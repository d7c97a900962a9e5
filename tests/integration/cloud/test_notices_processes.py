"""Two processes of the cloud send from one outbox on PostgreSQL: each message goes out once, also where one of them dies."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import func, select

from cloud.notices.occasions import Occasion
from cloud.site import wall_clock
from cloud.store.database import Database
from cloud.store.tables import notifications
from tests.support import notices
from tests.support.gateway import Gateway, SendingCloud, africastalking
from tests.support.postgres import postgres
from tests.support.waiting import PATIENCE_S, until

POLITE_S = 0.1
_MESSAGES = 60


class Scene:
    """A gateway, an outbox on PostgreSQL, and clouds that are started as wanted."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.address = postgres().database()
        self.database: Database = notices.opened(self.address)
        self.gateway = stack.enter_context(Gateway(folder))
        self._folder, self._stack = folder, stack

    def cloud(self, name: str) -> SendingCloud:
        folder = self._folder / name
        folder.mkdir()
        return self._stack.enter_context(SendingCloud(folder, self.address, africastalking(self.gateway.url, timeout_s=15.0)))

    def put(self, marks: list[str]) -> None:
        for mark in marks:
            notices.put(self.database, Occasion.CALLED, mark, wall_clock(), values={**notices.VALUES, "number": mark})

    def count(self, state: str, *, claimed: bool | None = None) -> int:
        which = select(func.count()).select_from(notifications).where(notifications.c.state == state)
        if claimed is not None:
            which = which.where(notifications.c.claimed_until.is_not(None) == claimed)
        return self.database.run_here(lambda c: int(c.execute(which).scalar_one()))

    def taken(self) -> list[str]:
        """The marks of all that the gateway took."""
        return sorted(one["text"].partition(":")[0] for one in self.gateway.messages())


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as stack:
        scene = Scene(tmp_path, stack)
        yield scene
        scene.database.close()


def test_two_processes_send_each_message_once_also_as_they_end(scene: Scene) -> None:
    marks = [f"M{n:03d}" for n in range(_MESSAGES)]
    scene.put(marks[: _MESSAGES // 2])
    both = [scene.cloud("one"), scene.cloud("two")]
    scene.put(marks[_MESSAGES // 2 :])
    until(lambda: scene.count("sent") == _MESSAGES, PATIENCE_S, POLITE_S)
    assert scene.taken() == marks
    scene.gateway.control(mode="slow", slow_s=0.4)
    scene.put(["M998", "M999"])
    until(lambda: scene.count("queued") == 0 or scene.count("queued", claimed=True) == 2, PATIENCE_S, 0.01)
    assert [cloud.stop() for cloud in both] == [0, 0]
    assert len(scene.taken()) == _MESSAGES + 2
    assert scene.count("sent") + scene.count("queued", claimed=True) == _MESSAGES + 2


def test_what_a_dead_process_had_taken_another_one_sends(scene: Scene) -> None:
    scene.gateway.control(mode="hang")
    marks = ["M001", "M002", "M003"]
    dead = scene.cloud("dead")
    scene.put(marks)
    until(lambda: scene.count("queued", claimed=True) == len(marks), PATIENCE_S, POLITE_S)
    dead.kill()
    scene.gateway.control(mode="well")
    scene.cloud("heir")
    notices.hurry(scene.database, "M")
    until(lambda: scene.count("sent") == len(marks), PATIENCE_S, POLITE_S)
    assert scene.taken() == marks
