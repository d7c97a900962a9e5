"""Writing what may be lost rather than stop a queue: a full disk must not keep anybody from calling the next ticket."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

_log = logging.getLogger(__name__)


@contextmanager
def keeping(engine: Engine, what: str) -> Iterator[Connection]:
    """A transaction. Where it cannot be written, that is said in the log, and the caller goes on."""
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as error:
        _log.error("%s cannot be kept now: %s", what, error.__cause__ or error)
