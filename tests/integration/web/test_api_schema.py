"""Whatever the description allows, and what it does not, is asked of the running branch: it never stumbles, and answers in
form."""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.api import is_in_form, try_out
from tests.support.web import Visitor, WebBranch

EXAMPLES = 12
SESSIONS = 5
"""Each has its own allowance of requests."""
_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def branch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebBranch]:
    with WebBranch(tmp_path_factory.mktemp("api-schema")) as running:
        yield running


@pytest.fixture(scope="module")
def administrators(branch: WebBranch) -> list[Visitor]:
    return [branch.person("ada") for _ in range(SESSIONS)]


@pytest.fixture(scope="module")
def known(administrators: list[Visitor]) -> dict[str, str]:
    """Names that lead somewhere."""
    ada = administrators[0]
    ticket = ada.post("/api/v1/tickets", {"service": "cash"}).json()["result"]["ticket"]
    ada.post("/api/v1/counters/c1/open")
    hook = ada.post("/api/v1/hooks", {"url": "http://127.0.0.1:9/"}).json()["id"]
    return {"ticket": ticket, "counter": "c1", "service": "cash", "hook": hook, "delivery": "1", "device": "kiosk-1"}


def operations_of(visitor: Visitor) -> list[Any]:
    """All but the stream, which has no end. Who signs in is known here, and not to be made up."""
    document = visitor.get("/api/openapi.json").json()
    document["paths"] = {path: item for path, item in document["paths"].items() if not path.endswith("/stream")}
    for item in document["paths"].values():
        for operation in item.values():
            operation.pop("security", None)
    described: Any = schemathesis.openapi.from_dict(document)
    return [found.ok() for found in described.get_all_operations()]


def cases_of(operation: Any, known: dict[str, str]) -> st.SearchStrategy[Any]:
    named = {parameter.name: known[parameter.name] for parameter in operation.path_parameters if parameter.name in known}
    right, wrong = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
    kinds = [operation.as_strategy(right)]
    if named:
        kinds.append(operation.as_strategy(right, path_parameters=named))
    if operation.body or operation.query:
        kinds.append(operation.as_strategy(wrong))
    return st.one_of(kinds)


def test_every_operation_keeps_what_the_description_says(
    branch: WebBranch, administrators: list[Visitor], known: dict[str, str]
) -> None:
    visitors, statuses = cycle(administrators), dict[str, set[int]]()

    def asked(case: Any) -> requests.Response:
        visitor = next(visitors)
        headers = {"Origin": branch.url, "X-CSRF-Token": visitor.http.cookies.get("foleni_csrf", "")}
        answer: requests.Response = case.call(base_url=branch.url, session=visitor.http, headers=headers)
        case.validate_response(answer, checks=_CHECKS)
        return answer

    for operation in operations_of(administrators[0]):
        seen = statuses.setdefault(operation.label, set())

        def keeps(case: Any, seen: set[int] = seen) -> None:
            answer = asked(case)
            seen.add(answer.status_code)
            if answer.status_code >= 400 and not case.path.endswith("readyz"):
                assert is_in_form(answer), answer.text

        try_out(cases_of(operation, known), keeps, EXAMPLES)
    assert [label for label, seen in statuses.items() if not seen - {401, 422, 429}] == []
