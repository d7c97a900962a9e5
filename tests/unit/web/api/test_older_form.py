"""OpenAPI 3.1 in the words of 3.0."""

from foleni.web.older_form import in_older_form


def test_what_may_be_null_is_nullable() -> None:
    told = in_older_form({
        "a": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}], "default": None, "title": "A"},
        "b": {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]},
        "c": {"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
    })  # fmt: skip
    assert told["a"] == {"type": "string", "maxLength": 3, "nullable": True, "title": "A"}
    assert told["b"] == {"allOf": [{"$ref": "#/x"}], "nullable": True}
    assert told["c"] == {"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True}


def test_words_that_the_older_form_has_not_are_said_in_others() -> None:
    told = in_older_form({
        "a": {"const": "join"}, "b": {"type": "string", "examples": ["x", "y"]},
        "c": {"type": "object", "patternProperties": {"^a$": {"type": "string"}}}, "d": {"propertyNames": {"pattern": "^a$"}},
    })  # fmt: skip
    assert told["a"] == {"enum": ["join"]}
    assert told["b"] == {"type": "string", "example": "x"}
    assert told["c"] == {"type": "object", "additionalProperties": {"type": "string"}}
    assert told["d"] == {}


def test_examples_stay_as_they_are() -> None:
    content = {"examples": {"invalid": {"value": {"const": 1, "in_hand": None}}}, "example": {"anyOf": [{"type": "null"}]}}
    assert in_older_form({"content": content})["content"] == content
