"""A route for each command that can be asked over HTTP."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from branch_server.web.api.asking import Caller, ask
from branch_server.web.api.operations import COMMAND, OPERATIONS, Operation
from branch_server.web.api.refusals import OF_ASKING, described
from branch_server.web.api.schemas import body_of, key_header, named_in

router = APIRouter(prefix="/api/v1")


def _add(operation: Operation) -> None:
    command_type = operation.type

    async def asked(request: Request, person: Caller) -> Response:
        return await ask(request, person, command_type)

    router.add_api_route(
        operation.path, asked, methods=["POST"], name=command_type, summary=operation.summary, tags=[operation.tag],
        description=operation.note, operation_id=command_type, responses=_responses(operation),
        openapi_extra={"parameters": [*named_in(operation.path), key_header()], "requestBody": body_of(operation)},
    )  # fmt: skip


def _responses(operation: Operation) -> dict[int | str, dict[str, Any]]:
    example = {"command": COMMAND, "ok": True, "seq": 4711, "result": operation.result}
    done = {"model": operation.answer, "description": "Done", "content": {"application/json": {"example": example}}}
    return {200: done, **described([*operation.refusals, *OF_ASKING])}


for _operation in OPERATIONS:
    _add(_operation)
