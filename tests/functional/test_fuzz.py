"""Random requests over a live server: never a 500, always an answer that the OpenAPI document allows.

Takes about a minute; EVENHAND_TEST_FUZZ_MINUTES asks for more, and `--log-cli-level=info` shows how many requests were
sent.
"""

import json
import logging
import os
import secrets
import time

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis.config import (
    ChecksConfig,
    GenerationConfig,
    OperationConfig,
    OperationsConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from schemathesis.config._checks import NegativeDataRejectionConfig, SimpleCheckConfig
from schemathesis.engine import events, from_schema
from schemathesis.filters import FilterSet
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario

_log = logging.getLogger(__name__)

SECONDS = float(os.environ.get("EVENHAND_TEST_FUZZ_MINUTES", "1")) * 60 / 2
REFUSED = ["400", "401", "403", "404", "405", "413"]
PATHS = ("/v1/screen", "/v1/moderations", "/v1alpha1/comments:analyze", "/v1alpha1/comments:suggestscore")

pytestmark = pytest.mark.timeout(SECONDS * 2 + 120)


def config(server, *, seconds: float, number: int) -> SchemathesisConfig:
    # The other dialects' own schemas allow more than they ever accepted: an image, a comment without a text.
    theirs = OperationConfig(
        filter_set=FilterSet().include(path_regex="moderations|v1alpha1"),
        checks=ChecksConfig(positive_data_acceptance=PositiveDataAcceptanceConfig(enabled=False)),
    )
    # Google answers 400 and not 401 to a bad key, and 404 to a wrong method; its clients rely on it.
    off = SimpleCheckConfig(enabled=False)
    google = OperationConfig(
        filter_set=FilterSet().include(path_regex="v1alpha1"),
        checks=ChecksConfig(ignored_auth=off, unsupported_method=off),
    )
    checks = ChecksConfig(
        negative_data_rejection=NegativeDataRejectionConfig(expected_statuses=REFUSED),
        positive_data_acceptance=PositiveDataAcceptanceConfig(expected_statuses=["2xx", "404", "413", "429"]),
    )
    project = ProjectConfig(
        headers=server.headers,
        continue_on_failure=True,
        checks=checks,
        operations=OperationsConfig(operations=[theirs, google]),
        generation=GenerationConfig(max_examples=100),
    )
    return SchemathesisConfig(max_time=max(1, int(seconds)), seed=number, projects=ProjectsConfig(default=project))


def failures_of(event) -> list[str]:
    """Return what `event` says went wrong, with the request that did it."""
    if isinstance(event, events.NonFatalError | events.FatalError):
        return [f"{type(event).__name__}: {event!r}"]
    if not isinstance(event, events.ScenarioFinished):
        return []
    found = [
        (check, event.recorder.cases[number].value)
        for number, checks in event.recorder.checks.items()
        for check in checks
        if check.failure_info is not None
    ]
    return [
        f"{check.name}: {check.failure_info.failure.message}\n{case.as_curl_command()[:2_000]}"
        for check, case in found
        if not (check.name == "negative_data_rejection" and is_type_in_a_form(case))
    ]


def is_type_in_a_form(case) -> bool:
    """Return whether a form has nothing wrong but a type: it is all text, where a number or a list cannot be seen."""
    data = case.meta.phase.data
    if case.media_type != "multipart/form-data":
        return False
    if isinstance(data, CoveragePhaseData):
        return data.scenario is CoverageScenario.INCORRECT_TYPE
    return bool(data.mutations) and all("type" in mutation.keywords for mutation in data.mutations)


def test_the_server_keeps_to_its_document(server):
    ends = time.monotonic() + SECONDS
    count = 0
    while (left := ends - time.monotonic()) > 0:
        number = secrets.randbelow(2**32)
        settled = config(server, seconds=left, number=number)
        schema = schemathesis.openapi.from_url(f"{server.url}/openapi.json", config=settled)
        for event in from_schema(schema).execute():
            failures = failures_of(event)
            # In full: pytest would cut the request out of the middle.
            assert not failures, "\n".join([f"seed {number}", *failures])
            count += len(event.recorder.cases) if isinstance(event, events.ScenarioFinished) else 0
    _log.info("schemathesis sent %d requests", count)
    assert count > 100


WORDS = st.sampled_from(
    [
        "text",
        "id",
        "context",
        "languages",
        "store_content",
        "policy",
        "items",
        "input",
        "model",
        "type",
        "image_url",
        "comment",
        "requestedAttributes",
        "spanAnnotations",
        "doNotStore",
        "clientToken",
        "sessionId",
        "communityId",
        "entries",
        "articleAndParentComment",
        "article",
        "parentComment",
        "attributeScores",
        "summaryScore",
        "spanScores",
        "begin",
        "end",
        "score",
        "value",
        "scoreType",
        "scoreThreshold",
        "TOXICITY",
        "INSULT",
        "PROBABILITY",
        "PLAIN_TEXT",
        "en",
        "default",
        "omni-moderation-latest",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50) | WORDS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)
TEXTS = st.text(max_size=300) | st.sampled_from(["", " ", "\x00", "\u202e", "you are an idiot", "x" * 20_481])
ITEMS = st.fixed_dictionaries(
    {"text": TEXTS | VALUES},
    optional={"id": TEXTS, "context": VALUES, "languages": VALUES, "store_content": VALUES},
)
BODIES = st.one_of(
    VALUES,
    ITEMS,
    st.fixed_dictionaries({"items": st.lists(ITEMS, max_size=70) | VALUES}, optional={"policy": VALUES}),
    st.fixed_dictionaries({"input": TEXTS | st.lists(TEXTS, max_size=70) | VALUES}, optional={"model": VALUES}),
    st.fixed_dictionaries(
        {
            "comment": st.fixed_dictionaries({"text": TEXTS}) | VALUES,
            "requestedAttributes": st.dictionaries(WORDS, st.just({}) | VALUES, max_size=3),
        },
        optional={
            "languages": st.lists(st.sampled_from(["en", "de", "xx", ""]), max_size=3) | VALUES,
            "spanAnnotations": VALUES,
            "doNotStore": VALUES,
            "context": VALUES,
            "attributeScores": VALUES,
            "clientToken": TEXTS,
        },
    ),
)


def send_anything(server, client: httpx.Client, number: int) -> int:
    """Send a round of random bodies to every dialect and return how many there were."""
    count = 0

    @seed(number)
    @settings(
        max_examples=200,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
    )
    @given(path=st.sampled_from(PATHS), body=BODIES | st.binary(max_size=200))
    def send(path, body):
        nonlocal count
        count += 1
        content = body if isinstance(body, bytes) else as_json(body)
        response = client.post(path, content=content, params={"key": server.key})
        assert response.status_code < 500, f"seed {number}"
        assert response.headers["content-type"].startswith("application/json")
        assert isinstance(response.json(), dict)
        assert ("error" in response.json()) is (response.status_code != 200)

    send()
    return count


def as_json(body) -> bytes:
    """Return `body` as the JSON of a careless client: NaN, infinity and lone surrogates as they come."""
    return json.dumps(body).encode()


def test_any_json_gets_a_good_answer_or_a_named_error(server):
    ends = time.monotonic() + SECONDS
    count = 0
    with httpx.Client(base_url=server.url, headers=server.headers, timeout=60) as client:
        while time.monotonic() < ends:
            count += send_anything(server, client, secrets.randbelow(2**32))
        _log.info("hypothesis sent %d requests", count)
        assert 'status="500"' not in client.get("/metrics").text
    assert count > 100
