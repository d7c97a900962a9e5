"""The table of commands that can be asked over HTTP says what the commands say."""

from typing import Any

import pytest
from pydantic import TypeAdapter

from branch_server.web.api.operations import COMMAND, OPERATIONS, TICKET, Operation
from branch_server.web.api.refusals import described
from branch_server.web.api.schemas import body_of, named_fields
from branch_server.web.people import rights
from foleni.messages.commands import AnyCommand
from foleni.messages.replies import Code

_commands: TypeAdapter[Any] = TypeAdapter(AnyCommand)
_NAMED = {"ticket": TICKET, "counter": "c1", "service": "cash"}


def name_of(operation: Operation) -> str:
    return operation.type


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_each_example_is_a_valid_command(operation: Operation) -> None:
    named = {name: _NAMED[name] for name in named_fields(operation.path)}
    fields = {"channel": "api", **operation.example, **named, "id": COMMAND, "type": operation.type}
    assert isinstance(_commands.validate_python(fields), operation.command)


@pytest.mark.parametrize("operation", OPERATIONS, ids=name_of)
def test_a_body_describes_every_field_but_those_that_are_said_elsewhere(operation: Operation) -> None:
    schema = body_of(operation)["content"]["application/json"]["schema"]
    elsewhere = {"id", "type", "actor", "at", *named_fields(operation.path)}
    assert set(schema["properties"]) == set(operation.command.model_fields) - elsewhere
    assert "$ref" not in str(schema)


def test_every_command_of_the_queue_has_its_route() -> None:
    asked = rights.AT_TICKETS | rights.AT_COUNTERS | rights.AT_SERVICES | rights.IN_HALL
    assert {operation.type for operation in OPERATIONS} == asked


def test_every_code_of_the_contract_can_be_described() -> None:
    told = described(list(Code))
    assert set(told) == {403, 404, 409, 422, 503}
    assert all(answer["content"]["application/json"]["examples"] for answer in told.values())
