import pytest

from evenhand.core.content import Content
from evenhand.core.decision import Action
from evenhand.core.errors import InputError, NotFoundError, StoreError
from evenhand.core.taxonomy import Label
from evenhand.engine.screen import Engine
from evenhand.policy.policy import Policy, Rule
from evenhand.service.moderate import Keep, Moderation, new_decision_id
from evenhand.store.store import open_store
from fakes.detectors import ScriptedDetector

POLICY = Policy(
    "test",
    "",
    Action.REVIEW,
    (Rule(Label.HARASSMENT, Action.REVIEW, 0.5), Rule(Label.HARASSMENT, Action.BLOCK, 0.9)),
)
OTHER = Policy("other", "", Action.ALLOW, ())


def score_in_text():
    """Return a detector that reads its score from the text."""
    detector = ScriptedDetector(lambda text: [detector.signal(float(text.split()[-1]))])
    return detector


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path / 'evenhand.sqlite'}")
    yield opened
    opened.close()


@pytest.fixture
def moderation(store):
    return Moderation(Engine([score_in_text()]), [POLICY, OTHER], store=store)


def moderate(moderation, text, **options):
    (decision,) = moderation.moderate([moderation.submission(Content(text, id="c1"), **options)])
    return decision


def is_kept(store, decision):
    try:
        return store.contents.get(decision.id) is not None
    except NotFoundError:
        return False


def test_a_decision_names_its_reasons_and_versions(moderation):
    decision = moderate(moderation, "score 0.7", key_id="k", door="test")
    assert decision.content_id == "c1"
    assert decision.action is Action.REVIEW
    assert decision.verdict.rules[0].rule == "harassment.review"
    assert decision.verdict.rules[0].detector == "text.scripted"
    assert decision.policy == POLICY.version
    assert decision.detectors == {"text.scripted": "1"}
    assert decision.created_at.tzinfo is not None


def test_a_decision_is_kept_with_its_audit_row(moderation, store):
    decision = moderate(moderation, "score 0.7", key_id="k", door="test")
    stored = store.decisions.get(decision.id)
    assert stored.decision == decision
    assert stored.door == "test"
    assert [row.subject for row in store.audit.list()] == [decision.id]


@pytest.mark.parametrize(
    ("keep", "score", "expected"),
    [
        (Keep.NEVER, 0.7, False),
        (Keep.NEVER, 0.95, False),
        (Keep.REVIEW, 0.1, False),
        (Keep.REVIEW, 0.7, True),
        (Keep.REVIEW, 0.95, False),
        (Keep.ALWAYS, 0.1, True),
    ],
)
def test_a_body_is_kept_only_when_asked_or_for_review(moderation, store, keep, score, expected):
    assert is_kept(store, moderate(moderation, f"score {score}", keep=keep)) is expected


def test_the_caller_may_choose_a_policy(moderation):
    assert moderate(moderation, "score 0.95", policy="other").action is Action.ALLOW
    with pytest.raises(NotFoundError) as caught:
        moderation.submission(Content("x"), policy="none")
    assert caught.value.code == "policy.not_found"
    assert "test, other" in caught.value.remedy


def test_limits_name_the_field(store):
    moderation = Moderation(Engine([score_in_text()]), [POLICY], store=store, max_text_bytes=10)
    with pytest.raises(InputError) as caught:
        moderation.submission(Content("x" * 11), field="input[3]")
    assert (caught.value.code, caught.value.field) == ("text.too_long", "input[3]")


def test_without_a_store_decisions_are_only_returned():
    assert moderate(Moderation(Engine([score_in_text()]), [POLICY]), "score 0.1").action is Action.ALLOW


def test_what_cannot_be_kept_is_not_returned(moderation, store):
    store.close()
    store.decisions.record = lambda _: (_ for _ in ()).throw(StoreError("store.unavailable", "Gone."))
    with pytest.raises(StoreError):
        moderate(moderation, "score 0.1")


def test_decisions_are_observed_after_they_are_kept(store):
    seen = []
    moderation = Moderation(
        Engine([score_in_text()]),
        [POLICY],
        store=store,
        observe=lambda decision, door: seen.append((store.decisions.get(decision.id).decision, door)),
    )
    decision = moderate(moderation, "score 0.1", door="test")
    assert seen == [(decision, "test")]


def test_a_language_that_a_detector_was_not_measured_on_is_noticed():
    class EnglishDetector(ScriptedDetector):
        limits = type(ScriptedDetector.limits)(5.0, 50, languages=("en",))

    moderation = Moderation(Engine([EnglishDetector()]), [POLICY])

    def notices(*languages):
        (decision,) = moderation.moderate([moderation.submission(Content("x", languages=languages))])
        return decision.notices

    assert notices("en") == ()
    assert notices("en-GB") == ()
    assert notices("sw") == ("language.not_covered:text.scripted",)


def test_decision_ids_sort_by_time():
    ids = [new_decision_id() for _ in range(3)]
    assert len(set(ids)) == 3
    assert all(len(made) == len("dec_") + 32 for made in ids)
