"""`foleni-cloud-admin`: what is set up at the machine itself, before anybody can sign in."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from pydantic import ValidationError
from sqlalchemy import Connection

from cloud.keeping import proof, retention
from cloud.offices import setting_up
from cloud.offices.answers import NewBranch, NewOrganization
from cloud.people import accounts, keys
from cloud.people.phones import checked_phone
from cloud.people.rights import Role
from cloud.people.trail import HOUSE, note
from cloud.site import wall_clock
from cloud.store.database import Database, DatabaseError
from foleni.settings import WRONG
from foleni.times import Instant, to_wire
from foleni.web.errors import WebError

PROGRAM = "foleni-cloud-admin"
_AT_MACHINE = "machine"

Work = Callable[[Connection, argparse.Namespace, Instant], str]
"""One transaction; what it returns is for whoever asked, its last line for a program."""


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status: 0 done, 1 refused, 2 for a wrong call."""
    asked = _parser().parse_args(argv)
    try:
        database = Database(asked.database, threads=1)
    except DatabaseError as error:
        return _fail(str(error), WRONG)
    try:
        database.open()
        return _do(database, asked)
    except (WebError, DatabaseError, ValueError) as error:
        return _fail(_words(error), 1)
    finally:
        database.close()


def _do(database: Database, asked: argparse.Namespace) -> int:
    now = wall_clock()
    if asked.work is _retention_run:
        return _erase(database, now)
    said = database.run_here(lambda c: asked.work(c, asked, now))
    if said:
        sys.stdout.write(f"{said}\n")
    return 1 if asked.work is _retention_verify and not said.endswith("ok") else 0


def _organization_add(c: Connection, asked: argparse.Namespace, now: Instant) -> str:
    told = NewOrganization(id=asked.id, name=asked.name, retention_days=asked.retention_days)
    made = setting_up.make_organization(c, told, now)
    _note(c, now, "make_organization", made.id, organization=made.id)
    return f"organization {made.id}"


def _branch_add(c: Connection, asked: argparse.Namespace, now: Instant) -> str:
    told = NewBranch(
        id=asked.id, organization=asked.organization, name=asked.name or asked.id, address=asked.address, latitude=asked.lat,
        longitude=asked.lon,
    )  # fmt: skip
    made = setting_up.make_branch(c, told, HOUSE, now)
    _note(c, now, "make_branch", told.id, organization=told.organization, branch=told.id)
    return f"branch {told.id}, code {setting_up.branch(c, told.id).code}; its token, shown only now:\n{made.token}"


def _branch_token(c: Connection, asked: argparse.Namespace, now: Instant) -> str:
    row = setting_up.branch(c, asked.id)
    made = setting_up.make_token(c, asked.id, HOUSE, now, overlap_us=asked.overlap_min * 60_000_000)
    _note(c, now, "make_token", made.id, organization=row.organization, branch=asked.id)
    return f"older tokens are good until {to_wire(made.older_until or now)}; the new one, shown only now:\n{made.token}"


def _branch_revoke(c: Connection, asked: argparse.Namespace, now: Instant) -> str:
    row = setting_up.branch(c, asked.id)
    count = setting_up.revoke_tokens(c, asked.id, now)
    _note(c, now, "revoke_tokens", asked.id, organization=row.organization, branch=asked.id)
    return f"{count} revoked; the branch is shut out until it has a new token"


def _admin_add(c: Connection, asked: argparse.Namespace, now: Instant) -> str:
    phone = checked_phone(asked.phone)
    if asked.organization is not None:
        setting_up.organization(c, asked.organization)
    user = accounts.found_or_made(c, phone, now, name=asked.name)
    role = accounts.grant(c, user.id, Role("admin", asked.organization, None), now)
    _note(c, now, "grant_role", user.id, organization=asked.organization)
    return f"{phone} administers {asked.organization or 'the whole installation'}\n{role}"


def _keys_rotate(c: Connection, asked: argparse.Namespace, now: Instant) -> str:
    if asked.drop_older:
        count = keys.remove_older_pass_keys(c)
        _note(c, now, "drop_keys", str(count))
        return f"{count} older keys dropped"
    name = keys.add_pass_key(c)
    _note(c, now, "rotate_keys", name)
    return f"new access tokens are signed by {name}; drop the older keys after a quarter of an hour"


def _retention_run(_c: Connection, _asked: argparse.Namespace, _now: Instant) -> str:
    raise AssertionError("done in many transactions")


def _retention_verify(c: Connection, _asked: argparse.Namespace, _now: Instant) -> str:
    found = [f"line {fault.n} {fault.what}" for fault in proof.faults(c)]
    return "\n".join(
        [*found, f"{len(proof.lines(c, 1_000_000))} lines, {len(found)} faults"] if found else ["every line fits: ok"]
    )


def _erase(database: Database, now: Instant) -> int:
    if not database.run_here(lambda c: retention.claim(c, now, at_once=True)):
        return _fail("another process is erasing now", 1)
    retention.run(database, now)
    for row in reversed(database.run_here(proof.lines)):
        if row.at == now:
            sys.stdout.write(f"{row.organization or 'everywhere'}: before {to_wire(row.before)}: {row.counts}\n")
    return 0


def _note(
    c: Connection, now: Instant, action: str, subject: str, organization: str | None = None, branch: str | None = None
) -> None:
    note(c, at=now, who=HOUSE, address=_AT_MACHINE, action=action, subject=subject, outcome="ok", organization=organization,
         branch=branch)  # fmt: skip


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SystemExit(_fail(message, WRONG))


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog=PROGRAM, description=__doc__, allow_abbrev=False)
    default = os.environ.get("FOLENI_DATABASE")
    parser.add_argument("--database", default=default, required=default is None, help="as that of foleni-cloud")
    things = parser.add_subparsers(required=True, metavar="THING")
    _organizations(things.add_parser("organization", help="companies and ministries"))
    _branches(things.add_parser("branch", help="branches and their tokens"))
    admins = things.add_parser("admin", help="who administers").add_subparsers(required=True, metavar="WHAT")
    adding = admins.add_parser("add", help="make somebody an administrator, of everything where no organization is named")
    adding.add_argument("phone")
    adding.add_argument("--organization")
    adding.add_argument("--name", default="")
    adding.set_defaults(work=_admin_add)
    rotating = (
        things.add_parser("keys", help="keys of access tokens")
        .add_subparsers(required=True, metavar="WHAT")
        .add_parser("rotate")
    )
    rotating.add_argument("--drop-older", action="store_true", help="the second step: believe only the newest key")
    rotating.set_defaults(work=_keys_rotate)
    keeping = things.add_parser("retention", help="erasing of contact data").add_subparsers(required=True, metavar="WHAT")
    keeping.add_parser("run", help="erase now what is due").set_defaults(work=_retention_run)
    keeping.add_parser("verify", help="check that the log of erasures is whole").set_defaults(work=_retention_verify)
    return parser


def _organizations(parser: argparse.ArgumentParser) -> None:
    adding = parser.add_subparsers(required=True, metavar="WHAT").add_parser("add")
    adding.add_argument("id")
    adding.add_argument("name")
    adding.add_argument("--retention-days", type=int, default=retention.DEFAULT_DAYS)
    adding.set_defaults(work=_organization_add)


def _branches(parser: argparse.ArgumentParser) -> None:
    whats = parser.add_subparsers(required=True, metavar="WHAT")
    adding = whats.add_parser("add", help="make a branch known; prints its token")
    adding.add_argument("id")
    adding.add_argument("--organization", required=True)
    adding.add_argument("--name", default="")
    adding.add_argument("--address", default="")
    adding.add_argument("--lat", type=float)
    adding.add_argument("--lon", type=float)
    adding.set_defaults(work=_branch_add)
    renewing = whats.add_parser("token", help="a new token; older ones end a little later")
    renewing.add_argument("id")
    renewing.add_argument("--overlap-min", type=int, default=60, help="minutes for which older tokens are good (default 60)")
    renewing.set_defaults(work=_branch_token)
    revoking = whats.add_parser("revoke", help="revoke all tokens at once")
    revoking.add_argument("id")
    revoking.set_defaults(work=_branch_revoke)


def _words(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg'].removeprefix('Value error, ')}"
    return str(error)


def _fail(words: str, status: int) -> int:
    sys.stderr.write(f"{PROGRAM}: {words}\n")
    return status


if __name__ == "__main__":
    sys.exit(main())
