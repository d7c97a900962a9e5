"""OpenAPI 3.1 said in the words of 3.0, which more tools read; the Swagger UI that we serve reads no other."""

from typing import Any

VERSION = "3.0.3"
_NULL = {"type": "null"}
_LEFT_OUT = frozenset({"propertyNames", "patternProperties", "const", "$schema"})
_AS_IT_IS = frozenset({"example", "value", "default"})


def in_older_form(document: dict[str, Any]) -> dict[str, Any]:
    """The whole document."""
    told: dict[str, Any] = _told(document)
    return {**told, "openapi": VERSION}


def _told(part: Any) -> Any:
    if isinstance(part, list):
        return [_told(one) for one in part]
    if not isinstance(part, dict):
        return part
    if "anyOf" in part and isinstance(part["anyOf"], list) and _NULL in part["anyOf"]:
        return _told(_maybe(part))
    said = {name: value if name in _AS_IT_IS else _told(value) for name, value in part.items() if name not in _LEFT_OUT}
    if isinstance(said.get("examples"), list):
        said["example"] = said.pop("examples")[0]
    if "const" in part:
        said["enum"] = [part["const"]]
    if "patternProperties" in part and "additionalProperties" not in part:
        said["additionalProperties"] = _told(next(iter(part["patternProperties"].values())))
    return said


def _maybe(part: dict[str, Any]) -> dict[str, Any]:
    """What may be null, without the null."""
    left = [one for one in part["anyOf"] if one != _NULL]
    rest = {name: value for name, value in part.items() if name not in {"anyOf", "default"}}
    if len(left) > 1:
        return {**rest, "anyOf": left, "nullable": True}
    return {**rest, **({"allOf": left} if "$ref" in left[0] else left[0]), "nullable": True}
