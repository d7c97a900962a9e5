"""The branch that stands there before anybody has described one: enough to sign in, and to describe it in the browser."""

import re

from branch_server.adapters.setup.file import Setup
from foleni.ids import uuid7
from foleni.messages.commands import SaveBranch, SaveStaff
from foleni.messages.setup import Branch, Staff

ADMIN = "admin"
NEW_NAME = "New branch"
_ANY = "branch"
_MOST = 32


def first_setup(host: str) -> Setup:
    """A branch named after the machine `host`, and one administrator without a PIN."""
    branch = Branch(id=_slug(host), name={"en": NEW_NAME})
    admin = Staff(id=ADMIN, name="Administrator", role="admin")
    return Setup([SaveBranch(id=uuid7(), branch=branch), SaveStaff(id=uuid7(), staff=admin)], {}, {ADMIN: None})


def _slug(host: str) -> str:
    """`front-desk` of `Front_Desk.example.lan`; `branch` where a host's name has no letter that could name one."""
    letters = re.sub(r"[^a-z0-9]+", "-", host.partition(".")[0].lower()).strip("-")[:_MOST].strip("-")
    return letters if letters and letters != "localhost" else _ANY
