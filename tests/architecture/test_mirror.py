"""tests/unit mirrors src/evenhand: who looks for the tests of a module finds them where they must be."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "evenhand"
UNIT = ROOT / "tests" / "unit"

#: Modules whose tests stand elsewhere, and where.
ELSEWHERE = {
    "cli/bench_image.py": "tests/functional/test_bench.py",
    "cli/bench_media.py": "tests/functional/test_bench.py",
    "cli/bench_text.py": "tests/functional/test_bench.py",
    "cli/eval_dev_sets.py": "tests/unit/cli/test_eval_text.py",
    "content/prepared.py": "tests/unit/engine/test_screen.py",
    "core/access.py": "tests/unit/service/test_access.py",
    "core/content.py": "tests/unit/service/test_screener.py",
    "core/decision.py": "tests/unit/policy/test_evaluate.py",
    "core/job.py": "tests/contract/store",
    "core/signal.py": "tests/unit/engine/test_admit.py",
    "core/timeline.py": "tests/unit/engine/test_timeline.py",
    "api/native/appeal_operations.py": "tests/unit/api/native/test_appeals.py",
    "api/native/appeal_schema.py": "tests/unit/api/native/test_appeals.py",
    "api/native/clip_form.py": "tests/unit/api/native/test_jobs.py",
    "api/native/job_operations.py": "tests/unit/api/native/test_operations.py",
    "api/native/job_schema.py": "tests/unit/api/native/test_jobs.py",
    "api/dialect.py": "tests/unit/server/test_guard.py",
    "console/review/audit.py": "tests/functional/test_review_cases.py",
    "console/review/cases.py": "tests/functional/test_review_cases.py",
    "console/review/number_contexts.py": "tests/unit/console/review/test_case_contexts.py",
    "console/review/numbers.py": "tests/functional/test_review_cases.py",
    "console/review/record_contexts.py": "tests/unit/console/review/test_case_contexts.py",
    "console/review/undo.py": "tests/functional/test_review_cases.py",
    "service/service.py": "tests/unit/api/conftest.py",
    "policy/check_lists.py": "tests/unit/policy/test_load.py",
    "policy/check_rules.py": "tests/unit/policy/test_check.py",
    "policy/draft.py": "tests/unit/policy/test_load.py",
    "policy/page.py": "tests/unit/policy/test_check.py",
    "store/appeals.py": "tests/contract/store",
    "store/audit.py": "tests/contract/store",
    "store/authors.py": "tests/contract/store",
    "store/banks.py": "tests/contract/store",
    "store/cases.py": "tests/contract/store",
    "store/contents.py": "tests/contract/store",
    "store/decisions.py": "tests/contract/store",
    "store/deliveries.py": "tests/contract/store",
    "store/erasure.py": "tests/contract/store",
    "store/events.py": "tests/contract/store",
    "store/exposures.py": "tests/contract/store/test_cases.py",
    "store/feedback.py": "tests/contract/store",
    "store/golden.py": "tests/contract/store/test_rulings.py",
    "store/holds.py": "tests/contract/store",
    "store/jobs.py": "tests/contract/store",
    "store/keys.py": "tests/contract/store",
    "store/numbers.py": "tests/contract/store",
    "store/policies.py": "tests/contract/store",
    "store/records.py": "tests/contract/store",
    "store/rulings.py": "tests/contract/store",
    "store/review_tables.py": "tests/unit/store/test_tables.py",
    "store/reviewer_rows.py": "tests/contract/store",
    "store/reviewers.py": "tests/contract/store",
    "store/sessions.py": "tests/contract/store",
    "store/migrate.py": "tests/contract/store",
    "store/shadow.py": "tests/contract/store",
    "store/signal_sets.py": "tests/contract/store",
    "store/subscribers.py": "tests/contract/store",
    "store/webhooks.py": "tests/contract/store",
    "store/migrations/env.py": "tests/contract/store",
    "store/migrations/versions/v0001_first_tables.py": "tests/contract/store",
    "store/migrations/versions/v0002_banks.py": "tests/contract/store",
    "store/migrations/versions/v0003_content_images.py": "tests/contract/store",
    "store/migrations/versions/v0004_alerts.py": "tests/contract/store",
    "store/migrations/versions/v0005_jobs.py": "tests/contract/store",
    "store/migrations/versions/v0006_audit_chain.py": "tests/contract/store",
    "store/migrations/versions/v0007_review.py": "tests/contract/store",
    "store/migrations/versions/v0008_job_authors.py": "tests/contract/store",
    "jobs/worker.py": "tests/contract/store/test_workers.py",
    "learn/trained.py": "tests/unit/learn/test_train.py",
    "cli/worker.py": "tests/functional/test_clips.py",
    "server/app.py": "tests/functional",
    "server/clips.py": "tests/functional/test_clips.py",
    "server/run.py": "tests/functional/test_cli.py",
}


def expected(path):
    return UNIT / path.parent / f"test_{path.stem}.py"


MODULES = [
    path.relative_to(SOURCE) for path in sorted(SOURCE.rglob("*.py")) if path.stem not in {"__init__", "__main__"}
]


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_every_module_has_its_tests_where_they_are_looked_for(path):
    assert expected(path).is_file() or (ROOT / ELSEWHERE[path.as_posix()]).exists()


def test_every_exception_is_needed_and_about_a_module_that_is_there():
    assert set(ELSEWHERE) <= {path.as_posix() for path in MODULES}
    assert [name for name in ELSEWHERE if expected(Path(name)).exists()] == []


def test_no_test_is_left_over_from_a_module_that_is_gone():
    rooms = {path.relative_to(UNIT) for path in UNIT.rglob("test_*.py")}
    modules = {expected(path).relative_to(UNIT) for path in MODULES} | {Path("cli/test_init.py")}
    assert rooms <= modules
