"""The interface's description is whole, and every endpoint keeps to it, whoever asks for what."""

from __future__ import annotations

import re

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from festival_api.accounts import open_session
from festival_api.uploads import path_of
from festival_api.web import description
from festival_api.web._app import LARGE_BODIES
from festival_api.web._field_errors import RULES
from festival_api.web._openapi import TAGS

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
DOCUMENT = description()
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = {found.ok().label: found.ok() for found in SCHEMA.get_all_operations()}
NAMES = sorted(OPERATIONS)

load_all_checks()
KEPT_TO = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
    ]
)


def test_large_bodies_are_for_endpoints_that_there_are():
    assert {f"{method} {path}" for method, path in LARGE_BODIES} <= OPERATIONS.keys()


def operation(name):
    method, _, path = name.partition(" ")
    return DOCUMENT["paths"][path][method.lower()]


# --- The description. ---


def test_it_is_openapi():
    SCHEMA.validate()
    assert len(NAMES) == sum(len(methods) for methods in DOCUMENT["paths"].values())


@pytest.mark.parametrize("name", NAMES)
def test_every_endpoint_is_described(name):
    told = operation(name)
    assert len(told["summary"]) >= 5
    assert told["description"].endswith((".", "?"))
    assert not re.search(r"^(Parameters|Returns|Raises)$", told["description"], re.MULTILINE)
    [tag] = told["tags"]
    assert tag in dict(TAGS)
    good = {status: answer for status, answer in told["responses"].items() if status < "300"}
    assert good
    for status, answer in good.items():
        for media, content in answer.get("content", {}).items():
            if media == "application/json" and "examples" not in content:
                example_of(content["schema"])
        assert "content" in answer or status == "204" or name.startswith(("HEAD", "PATCH"))
    for content in told.get("requestBody", {}).get("content", {}).values():
        example_of(content["schema"])
    for status, answer in told["responses"].items():
        # 416 is the file server's own, with the size in a header and no words.
        if status >= "400" and status != "416" and "application/json" not in answer["content"]:
            assert "application/problem+json" in answer["content"], status
            assert answer["content"]["application/problem+json"]["examples"]


def example_of(schema, seen=()):
    """Put an example together from those of the parts; fail where a part has none."""
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in seen:
            return {}
        return example_of(DOCUMENT["components"]["schemas"][name], (*seen, name))
    for key in ("anyOf", "oneOf", "allOf"):
        if key in schema:
            return example_of(schema[key][0], seen)
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: example_of(part, seen) for name, part in properties.items()}
    if kind == "array":
        return [example_of(schema["items"], seen)] if "items" in schema else []
    if kind in ("boolean", "null") or schema.get("format") == "binary":
        return None
    raise AssertionError(f"no example: {schema} in {seen}")


# --- Every endpoint, asked by everybody. ---


class World:
    """People of every role, and something of everything that endpoints speak of."""

    def __init__(self, people) -> None:
        self.people = people
        owner = people.account()
        states = ("draft", "finalised", "submitted", "in_recognition", "in_evaluation", "finalist")
        self.entries = [people.works(1, state=state, owner=owner)[0] for state in states]
        juror = people.juror("technology", core=True)
        self.accounts = {
            "entrant": owner,
            "juror": juror.account,
            "office": people.office().account,
            "auditor": people.auditor().account,
            "admin": people.admin().account,
        }
        for stage, entry in ((1, self.entries[3]), (2, self.entries[4])):
            people.stage(stage, "open")
            people.assign(stage, entry, juror)
        self.known = {
            "edition": ["hkaiiff-2026"],
            "entry": self.entries,
            "account": [juror.account, owner],
            "juror": [juror.account],
            "stage": [1, 2, 3],
            "number": [1],
            "role": ["office", "auditor"],
            "award": ["best_ai_native_film", "responsible_ai"],
            "file": [people.file(self.entries[0], "film", state="complete", sha256="0" * 64)],
            "opinion": ["verdict", "review"],
        }
        for file in self.known["file"]:
            path = path_of(people.festival.files, file)
            path.parent.mkdir(parents=True)
            path.write_bytes(b"film")

    def sign_in(self):
        """Give everybody's headers; anew for each request, because some end sessions."""
        festival = self.people.festival
        festival.clock.forward(minutes=5)
        with festival.database.write() as c:
            tokens = {
                role: open_session(c, account, festival.clock())
                for role, account in self.accounts.items()
            }
        signed_in = {role: {"Authorization": f"Bearer {token}"} for role, token in tokens.items()}
        return {"visitor": {}} | signed_in


def requests_to(target, world):
    """Generate requests: right and wrong ones, to what exists and to what does not."""
    names = re.findall(r"\{(\w+)\}", target.path)
    existing = st.fixed_dictionaries(
        {name: st.sampled_from(world.known.get(name, ["0" * 32])) for name in names}
    )
    modes = [GenerationMode.POSITIVE]
    if target.body or target.query or target.path_parameters:
        modes.append(GenerationMode.NEGATIVE)
    return st.one_of(
        *(target.as_strategy(generation_mode=mode) for mode in modes),
        existing.flatmap(lambda known: target.as_strategy(path_parameters=known)),
        existing.flatmap(
            lambda known: target.as_strategy(generation_mode=modes[-1], path_parameters=known)
        )
        if target.body or target.query
        else st.nothing(),
    )


def keeps_to_its_description(target, world, app, examples):
    rules = set()

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(requests_to(target, world))
    def ask(case):
        for headers in world.sign_in().values():
            answer = case.call(app=app, headers=headers)
            case.validate_response(answer, checks=KEPT_TO)
            if answer.status_code == 422 and answer.content:
                rules.update(error["rule"] for error in answer.json().get("errors", []))

    ask()
    assert rules <= {*RULES, "value_error"}


@pytest.mark.parametrize("name", NAMES)
def test_every_endpoint_keeps_to_its_description(name, people, app):
    keeps_to_its_description(OPERATIONS[name], World(people), app, examples=4)


@pytest.mark.full
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", NAMES)
def test_every_endpoint_keeps_to_its_description_for_long(name, people, app):
    keeps_to_its_description(OPERATIONS[name], World(people), app, examples=25)
