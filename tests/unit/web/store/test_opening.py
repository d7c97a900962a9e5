"""`web.db` is made, migrated, mended or refused; what it keeps is kept."""

import logging
import os
import re
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.pool import StaticPool

from branch_server.web.store.credentials import Credential
from branch_server.web.store.opening import opened
from branch_server.web.store.sessions import MOST_OF_ONE_PERSON
from branch_server.web.store.store import FILE_NAME, Store, StoreError
from branch_server.web.store.tables_all import metadata
from foleni.times import DAY_US, MINUTE_US

NOW = 1_800_000_000_000_000


def test_a_new_one_has_all_tables_of_all_features_and_is_private(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert set(inspect(store.engine).get_table_names()) == {*metadata.tables, "alembic_version"}
    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600


def test_what_is_in_it_is_there_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    session, secret, _ = store.sessions.begin("eve", "10.0.0.5", NOW, needs_pin=True)
    token, text = store.tokens.make("Site", ("read",), "ada", NOW, None)
    store.credentials.put("eve", Credential("pin", "hash"), NOW)
    store.preferences.speaks("eve", "ar")
    store.close()
    again = Store(tmp_path)
    assert again.sessions.find(secret) == session
    used = again.tokens.use(text, NOW)
    assert used is not None
    assert used.id == token.id
    assert again.credentials.of("eve") == Credential("pin", "hash")
    assert again.preferences.language_of("eve") == "ar"


def test_no_secret_lies_in_it(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _, secret, _ = store.sessions.begin("eve", "10.0.0.5", NOW, needs_pin=False)
    _, text = store.tokens.make("Site", ("read",), "ada", NOW, None)
    store.close()
    content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret.encode() not in content
    assert text.encode() not in content


@pytest.mark.parametrize("content", [b"this is no database at all, " * 400, b"SQLite format 3\0" + os.urandom(9000)])
def test_a_damaged_one_is_put_aside_and_a_new_one_begun_loudly(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    with caplog.at_level(logging.CRITICAL):
        store = Store(tmp_path)
    store.credentials.put("eve", Credential("pin", "hash"), NOW)
    aside = [path for path in tmp_path.iterdir() if "damaged-" in path.name]
    assert [path.read_bytes() for path in aside] == [content]
    assert "put aside" in caplog.text


def test_a_page_that_is_damaged_in_the_middle_is_seen(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for n in range(400):
        store.audit.write({"who": f"somebody {n}", "address": "10.0.0.5", "action": "sign_in"})
    store.close()
    path = tmp_path / FILE_NAME
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2 : len(whole) // 2 + 6000] = os.urandom(6000)
    path.write_bytes(whole)
    Store(tmp_path)
    assert any("damaged-" in path.name for path in tmp_path.iterdir())


def test_one_of_a_newer_program_is_refused_in_one_line_and_left_alone(tmp_path: Path) -> None:
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="update Foleni"):
        Store(tmp_path)
    assert not any("damaged-" in path.name for path in tmp_path.iterdir())


def test_where_it_cannot_be_that_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(StoreError, match=r"web\.db cannot be used") as told:
        Store(tmp_path)
    assert "\n" not in str(told.value)


def test_one_that_is_full_stops_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The next customer is called though the line about it cannot be kept."""
    store = Store(tmp_path)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA query_only=ON")
    store.audit.write({"who": "eve", "address": "10.0.0.5", "action": "call_next"})
    session, secret, _ = store.sessions.begin("eve", "10.0.0.5", NOW, needs_pin=False)
    assert store.sessions.find(secret) is session
    assert "call_next of eve in the audit log cannot be kept now" in caplog.text


def test_one_person_has_so_many_sessions_and_the_oldest_ends(tmp_path: Path) -> None:
    store = Store(tmp_path)
    begun = [store.sessions.begin("eve", "10.0.0.5", NOW + n, needs_pin=False)[0].id for n in range(MOST_OF_ONE_PERSON)]
    _, _, ended = store.sessions.begin("eve", "10.0.0.5", NOW + 100, needs_pin=False)
    assert ended == begun[:1]
    assert len(store.sessions.of_staff("eve")) == MOST_OF_ONE_PERSON


def test_a_token_ends_on_its_day_and_when_it_is_revoked(tmp_path: Path) -> None:
    store = Store(tmp_path)
    token, text = store.tokens.make("Site", ("read",), "ada", NOW, NOW + MINUTE_US)
    assert store.tokens.use(text, NOW + MINUTE_US - 1) is token
    assert store.tokens.use(text, NOW + MINUTE_US) is None
    other, its_text = store.tokens.make("Other", ("read",), "ada", NOW, None)
    store.tokens.revoke(other, NOW)
    assert store.tokens.use(its_text, NOW) is None
    assert store.tokens.use("fol_invented", NOW) is None


def test_the_audit_log_forgets_after_its_time_a_bounded_piece_at_once(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.engine.begin() as connection:
        rows = [{"at": NOW + n} for n in range(1500)]
        connection.exec_driver_sql(
            "INSERT INTO audit (at, who, role, address, action, subject, outcome) VALUES (:at, 'eve', '', '', 'x', '', 'ok')",
            rows,
        )

    def left() -> int:
        with store.engine.connect() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM audit").scalar() or 0)

    store.audit.clean(NOW + 399 * DAY_US)
    assert left() == 1500
    store.audit.clean(NOW + 401 * DAY_US)
    assert left() == 500
    store.audit.clean(NOW + 401 * DAY_US)
    assert left() == 0


def test_the_migrations_make_the_tables_that_the_program_knows(tmp_path: Path) -> None:
    opened(tmp_path).dispose()
    known = create_engine("sqlite://", poolclass=StaticPool)
    metadata.create_all(known)
    assert tables_in(create_engine(f"sqlite:///{tmp_path / 'web.db'}")) == tables_in(known)


def tables_in(engine: Engine) -> list[tuple[str, str]]:
    """What the database is made of, in SQL, Alembic's own table left out."""
    wanted = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%' ORDER BY name"
    with engine.connect() as connection:
        found = [(str(row[0]), re.sub(r"\s+", " ", row[1]).lower()) for row in connection.execute(text(wanted))]
    engine.dispose()
    return found
