"""Every refusal leaves in the contract's form, whoever found the fault: also the rules of the queue."""

from fastapi import FastAPI, Request
from starlette.responses import Response

from branch_server.domain.refusals import Refused
from foleni.web import errors
from foleni.web.errors import WebError, answer, refused, status_of, told

__all__ = ["WebError", "answer", "install", "refused", "status_of"]


def install(app: FastAPI) -> None:
    """Every exception that leaves a route becomes a refusal."""
    errors.install(app)

    @app.exception_handler(Refused)
    async def _refused(request: Request, error: Refused) -> Response:
        return told(request, status_of(error.code), str(error.code), error.message)
