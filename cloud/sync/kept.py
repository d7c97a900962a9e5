"""The events that were kept, letter by letter, for a branch server that has lost them."""

import json

from sqlalchemy import Connection, select

from cloud.store.tables import events
from foleni.times import to_wire

MOST_BYTES = 1_000_000
"""In one answer; a single longer event goes alone."""


def lines(c: Connection, branch: str, after: int, limit: int) -> list[bytes]:
    """Up to `limit` events behind number `after`, each as JSON in the form in which it came."""
    e = events.c
    wanted = select(e.seq, e.id, e.type, e.at, e.steady, e.day, e.actor, e.command, e.data)
    found: list[bytes] = []
    size_bytes = 0
    for row in c.execute(wanted.where(e.branch == branch, e.seq > after).order_by(e.seq).limit(limit)):
        head = {
            "seq": row.seq, "id": row.id, "type": row.type, "at": to_wire(row.at), "at_us": row.at, "steady_us": row.steady,
            "day": row.day, "actor": row.actor, "command": row.command,
        }  # fmt: skip
        line = json.dumps(head, ensure_ascii=False, separators=(",", ":"))[:-1].encode()
        line += b',"data":' + row.data.encode() + b"}"
        size_bytes += len(line)
        if found and size_bytes > MOST_BYTES:
            break
        found.append(line)
    return found
