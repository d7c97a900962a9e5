"""JSON schemas of what is sent: from the commands themselves, so that they cannot say anything else."""

from typing import Any

from pydantic import BaseModel

from branch_server.web.api.operations import TICKET, Operation

_SAID_ELSEWHERE = frozenset({"id", "type", "actor", "at"})
_INSTANT = {"type": "string", "format": "date-time", "examples": ["2026-11-21T11:30:00.000Z"]}
_TICKET = {"type": "string", "format": "uuid"}
_FORMS: dict[str, dict[str, Any]] = {
    "appointment": _INSTANT,
    "joined_at": _INSTANT,
    "reopens_at": _INSTANT,
    "ticket": _TICKET,
    "pass_over": {"type": "array", "items": _TICKET, "maxItems": 20},
}
_SLUG = {"type": "string", "pattern": "^[a-z0-9-]{1,32}$"}
_EXAMPLES = {"ticket": TICKET, "counter": "c1", "service": "cash", "hook": "5f2a91c0", "delivery": "17"}


def body_of(operation: Operation) -> dict[str, Any]:
    """The request's body: the command's fields but those that the path, the header and the sign-in say."""
    schema = operation.command.model_json_schema()
    left_out = _SAID_ELSEWHERE | set(named_fields(operation.path))
    fields = {name: _field(name, form) for name, form in schema["properties"].items() if name not in left_out}
    wanted = [name for name in schema.get("required", ()) if name in fields and name != "channel"]
    body: dict[str, Any] = {"type": "object", "properties": fields}
    if wanted:
        body["required"] = wanted
    if "$defs" in schema:
        body = _resolved(body, schema["$defs"])
    return {
        "required": bool(wanted),
        "content": {"application/json": {"schema": body, "example": operation.example}},
    }


def body_schema(form: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    """A body of this form."""
    schema = form.model_json_schema()
    schema = _resolved({name: part for name, part in schema.items() if name != "$defs"}, schema.get("$defs", {}))
    return {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}


def named_fields(path: str) -> list[str]:
    """The names in a path's braces."""
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def named_in(path: str) -> list[dict[str, Any]]:
    """The parameters of a path."""
    return [
        {
            "name": name, "in": "path", "required": True, "schema": _TICKET if name == "ticket" else _SLUG,
            "example": _EXAMPLES.get(name, name),
        }
        for name in named_fields(path)
    ]  # fmt: skip


def key_header() -> dict[str, Any]:
    """The header that makes a repeated request harmless."""
    return {
        "name": "Idempotency-Key", "in": "header", "required": False,
        "description": "The command's id. The same request again under the same key is done once and gets the same answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        "example": "0197a3c2-6aa0-7d11-8c3e-90ab12cd34ef",
    }  # fmt: skip


def _field(name: str, form: dict[str, Any]) -> dict[str, Any]:
    ours = _FORMS.get(name)
    if ours is None:
        return form
    return ours if "anyOf" not in form else {"anyOf": [ours, {"type": "null"}]}


def _resolved(part: Any, known: dict[str, Any]) -> Any:
    """The schema with what it refers to put in its place."""
    if isinstance(part, list):
        return [_resolved(one, known) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _resolved(known[part["$ref"].rpartition("/")[2]], known)
    return {name: _resolved(value, known) for name, value in part.items()}
