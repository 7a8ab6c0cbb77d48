"""Fixtures that every room's tests share."""

import os
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from live import LiveServer


# No test asserts how long anything takes.
hypothesis.settings.register_profile("without deadline", deadline=None)
hypothesis.settings.load_profile("without deadline")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[LiveServer]":
    from live import live_server

    with live_server(tmp_path_factory.mktemp("server")) as running:
        yield running


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--rewrite-golden", action="store_true", help="Write tests/golden anew.")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # What reads the whole project or needs a server comes last, so that a slip shows early.
    items.sort(key=lambda item: "functional" in item.path.parts or "contract" in item.path.parts)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    # In CI, a test that was to run for real and was skipped has failed.
    report = yield
    required = set(os.environ.get("EVENHAND_TEST_REQUIRE", "").split(",")) - {""}
    if report.skipped and not hasattr(report, "wasxfail"):
        missing = required & {mark.name for mark in item.iter_markers()}
        if missing:
            report.outcome = "failed"
            report.longrepr = f"skipped, but required here: {', '.join(sorted(missing))}"
    return report
