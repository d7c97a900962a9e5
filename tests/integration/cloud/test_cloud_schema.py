"""Whatever the description allows, and what it does not, is asked of a cloud: it never stumbles, and answers in form."""

from collections.abc import Iterator
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
from tests.support.cloud import CloudProcess, Person
from tests.support.fake_branch import FakeBranch

EXAMPLES = 8
"""So many cases of each operation."""
_CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
"""A branch that is away is 503, which is no fault of the cloud's."""
_OURS = {"sync", "branches", "tickets"}
"""By tag. Everything else needs a role, and stands in the tests of rights."""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudProcess]:
    with CloudProcess(tmp_path_factory.mktemp("cloud-schema")) as running:
        yield running


@pytest.fixture(scope="module")
def branch(cloud: CloudProcess) -> FakeBranch:
    made = FakeBranch(cloud, cloud.branch())
    made.opens("cash")
    made.tell_all()
    return made


@pytest.fixture(scope="module")
def ada(cloud: CloudProcess) -> Person:
    return cloud.person()


@pytest.fixture(scope="module")
def known(branch: FakeBranch, ada: Person) -> dict[str, str]:
    """Names that lead somewhere."""
    ticket = branch.cloud.post(f"/api/v1/queues/{branch.branch}/join", {"service": "cash"}, ada).json()
    return {"branch": branch.branch, "key": ticket["token"]}


def operations_of(cloud: CloudProcess) -> list[Any]:
    """All but the streams, which have no end. Who signs in is known here, and not to be made up."""
    document = cloud.get("/api/v1/openapi.json").json()
    paths: dict[str, Any] = {}
    for path, item in document["paths"].items():
        ours = {method: operation for method, operation in item.items() if _OURS & set(operation.get("tags", ()))}
        if ours and not path.endswith("/stream"):
            paths[path] = ours
    for path, item in paths.items():
        for operation in item.values():
            operation.pop("security", None)
            if path.endswith("/commands"):
                operation["parameters"] = [one for one in operation["parameters"] if one["name"] != "wait"]
    described: Any = schemathesis.openapi.from_dict(document | {"paths": paths})
    return [found.ok() for found in described.get_all_operations()]


def cases_of(operation: Any, known: dict[str, str]) -> st.SearchStrategy[Any]:
    named = {parameter.name: known[parameter.name] for parameter in operation.path_parameters if parameter.name in known}
    right, wrong = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
    kinds = [operation.as_strategy(right)]
    if named:
        kinds.append(operation.as_strategy(right, path_parameters=named))
    if operation.body or operation.query:
        kinds.append(operation.as_strategy(wrong, **({"path_parameters": named} if named else {})))
    return st.one_of(kinds)


def test_every_operation_keeps_what_the_description_says(
    cloud: CloudProcess, branch: FakeBranch, ada: Person, known: dict[str, str]
) -> None:
    statuses: dict[str, set[int]] = {}
    with requests.Session() as session:
        for operation in operations_of(cloud):
            seen = statuses.setdefault(operation.label, set())
            is_sync = "/sync/" in operation.path

            def keeps(case: Any, seen: set[int] = seen, is_sync: bool = is_sync) -> None:
                if is_sync and case.query is not None:
                    case.query = {**case.query, "wait": "0"} if case.path.endswith("/commands") else case.query
                headers = {"Authorization": f"Bearer {branch.token if is_sync else ada.access}"}
                answer = case.call(base_url=cloud.url, session=session, headers=headers)
                checks = _CHECKS if answer.status_code != 503 else _CHECKS[1:]
                case.validate_response(answer, checks=checks)
                seen.add(answer.status_code)
                if answer.status_code >= 400:
                    assert is_in_form(answer), answer.text

            try_out(cases_of(operation, known), keeps, EXAMPLES)
    assert [label for label, seen in statuses.items() if not seen - {401, 422, 429}] == []


def test_the_description_and_its_page_are_served(cloud: CloudProcess) -> None:
    assert cloud.get("/api/docs").text.startswith("<!doctype html>")
    assert cloud.get("/api/docs/swagger-ui-bundle.js").status_code == 200
    assert cloud.get("/api/docs/nothing.js").status_code == 404
    document = cloud.get("/api/v1/openapi.json").json()
    plain = [
        f"{method} {path}" for path, item in document["paths"].items() for method in item if not item[method].get("summary")
    ]
    assert plain == []
