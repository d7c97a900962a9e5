"""What every benchmark is given: the shared broker, its two floors, and how long to measure."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.branch import BranchServer, Size
from benchmarks.rig import start_echo, start_mosquitto

FLOOR, FLOOR_SYNC = "floor", "floor-sync"


@dataclass(frozen=True, slots=True)
class Rig:
    """`folder` lies on the disk under measurement; `server` is the branch server's command, empty for ours."""

    folder: Path
    mqtt: str
    broker_pid: int
    quick: bool
    server: str

    def branch_server(self, branch: str = "bench", size: Size | None = None) -> BranchServer:
        """A branch server with a data folder that does not exist yet."""
        return BranchServer(Path(tempfile.mkdtemp(dir=self.folder)), self.mqtt, branch, size, self.server)

    def scaled(self, full: int, quick: int) -> int:
        return quick if self.quick else full


@contextmanager
def rig(folder: Path | None, quick: bool, server: str) -> Iterator[Rig]:
    """A broker and both echo servers, ended when the block ends; the folder is removed."""
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="foleni-bench-", dir=folder)))
        broker, mqtt = start_mosquitto(data)
        stack.callback(broker.stop)
        stack.callback(start_echo(mqtt, FLOOR).stop)
        stack.callback(start_echo(mqtt, FLOOR_SYNC, data).stop)
        yield Rig(data, mqtt, broker.pid, quick, server)
