import threading
from contextlib import closing
from dataclasses import replace

import pytest

from databases import store_in
from drawings import encoded, landscape
from evenhand.content.decoding import Decoder
from evenhand.core.content import Content, ImageFile
from evenhand.core.decision import Action, ImageFacts
from evenhand.core.errors import InputError, NotFoundError, StoreError
from evenhand.core.facts import AuthorHistory
from evenhand.core.ids import new_id
from evenhand.core.taxonomy import Label
from evenhand.engine.screen import Engine
from evenhand.policy.evaluate import evaluate
from evenhand.policy.load import parse_policy
from evenhand.policy.policy import Policy, Rule
from evenhand.second_look.look import SecondLook
from evenhand.service.moderate import Keep, Moderation
from evenhand.store.records import StoredPolicy
from fakes.chat import REASON, judge, text_in
from fakes.detectors import ScriptedDetector
from fakes.image_detectors import ScriptedImageDetector, ScriptedReader
from fakes.scripted_server import scripted_server

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
    opened = store_in(tmp_path)
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
    ids = [new_id("dec") for _ in range(3)]
    assert len(set(ids)) == 3
    assert all(len(made) == len("dec_") + 32 for made in ids)


@pytest.fixture
def judged(store):
    """Return what makes a moderation with a second look, and closes it after the test."""
    made = []

    def build(url="http://127.0.0.1:1", *, detectors=None, **options):
        look = SecondLook(url, model="m", **options)
        made.append(Moderation(Engine(detectors or [score_in_text()]), [POLICY, OTHER], store=store, second_look=look))
        return made[-1]

    yield build
    for moderation in made:
        moderation.close()


def looks(decision):
    return [signal for signal in decision.signals if signal.detector == "second_look"]


@pytest.mark.parametrize(
    ("is_harmful", "score", "action", "expected"),
    [
        (True, 0.4, Action.REVIEW, 0.65),
        (False, 0.4, Action.ALLOW, 0.35),
        (True, 0.6, Action.REVIEW, 0.65),
        (False, 0.6, Action.ALLOW, 0.35),
    ],
)
def test_an_uncertain_score_goes_where_the_second_look_says(judged, is_harmful, score, action, expected):
    with judge(lambda _: is_harmful) as server:
        moderation = judged(server.url)
        decision = moderate(moderation, f"score {score}")
    (signal,) = looks(decision)
    assert (decision.action, decision.scores[Label.HARASSMENT]) == (action, pytest.approx(expected))
    assert (signal.score, signal.reason) == (decision.scores[Label.HARASSMENT], REASON)
    assert score in [each.score for each in decision.signals]  # what the detector said stays to be read
    assert [hit.detector for hit in decision.verdict.rules] == ["second_look"] * is_harmful
    assert decision.detectors == {"text.scripted": "1", "second_look": signal.version}
    assert decision.notices == ()
    assert not decision.is_degraded


@pytest.mark.parametrize("score", [0.0, 0.3499, 0.651, 0.9, 1.0])
def test_a_clear_score_is_never_asked_about(judged, score):
    with judge(lambda _: True) as server:
        decision = moderate(judged(server.url), f"score {score}")
        assert server.requests == []
    assert (decision.scores[Label.HARASSMENT], looks(decision), decision.notices) == (score, [], ())


def test_a_policy_without_the_label_asks_nothing(judged):
    with judge(lambda _: True) as server:
        moderate(judged(server.url), "score 0.5", policy="other")
        assert server.requests == []


@pytest.mark.parametrize("score", [0.4, 0.6])
def test_without_an_answer_the_first_score_stands_and_says_so(judged, score):
    decision = moderate(judged(), f"score {score}")
    alone = moderate(Moderation(Engine([score_in_text()]), [POLICY]), f"score {score}")
    assert (decision.verdict, decision.signals) == (alone.verdict, alone.signals)
    assert decision.notices == ("second_look.unavailable:unreachable",)
    assert not decision.is_degraded


def test_a_detector_that_fails_beside_it_still_degrades_the_decision(judged):
    class Failing(ScriptedDetector):
        id = "text.failing"

        def detect(self, texts):
            raise ValueError

    with judge(lambda _: False) as server:
        decision = moderate(judged(server.url, detectors=[score_in_text(), Failing()]), "score 0.6")
    assert decision.is_degraded
    assert decision.action is Action.REVIEW
    assert decision.scores[Label.HARASSMENT] == pytest.approx(0.35)


def test_only_the_text_of_what_is_recorded_leaves(judged):
    with judge(lambda _: True) as server:
        moderation = judged(server.url)
        submission = moderation.submission(Content("score 0.5", id="my-id", context=("the context",)), key_id="my-key")
        moderation.moderate([submission, replace(submission, is_recorded=False)])
        (request,) = server.requests
    assert text_in(request[2]) == "score 0.5"
    assert [word for word in ("my-id", "the context", "my-key") if word in str(request)] == []


def test_a_reason_is_answered_and_never_kept(judged, store):
    with judge(lambda _: True) as server:
        decision = moderate(judged(server.url), "score 0.5", keep=Keep.ALWAYS)
    stored = store.decisions.get(decision.id).decision
    assert [signal.reason for signal in looks(decision)] == [REASON]
    assert [signal.reason for signal in looks(stored)] == [""]
    assert stored.verdict == decision.verdict


def comparable(decision):
    return decision.verdict, decision.signals, decision.notices


def test_a_batch_is_answered_as_one_by_one(judged):
    texts = [f"{number} score {number / 40}" for number in range(40)]
    with judge(lambda text: int(text.split()[0]) % 2 == 0) as server:
        moderation = judged(server.url)
        single = [comparable(moderate(moderation, text)) for text in texts]
        submissions = [moderation.submission(Content(text)) for text in texts]
        together = [comparable(decision) for decision in moderation.moderate(submissions)]
    assert together == single
    assert len(server.requests) == 2 * 12


def test_a_budget_that_is_spent_in_a_batch_leaves_the_rest_as_they_are(judged):
    with judge(lambda _: True) as server:
        moderation = judged(server.url, calls_per_hour=3, concurrent_calls=1)
        submissions = [moderation.submission(Content("score 0.4")) for _ in range(10)]
        decisions = moderation.moderate(submissions)
        assert len(server.requests) == 3
    assert [decision.action for decision in decisions] == [Action.REVIEW] * 3 + [Action.ALLOW] * 7
    assert [decision.notices for decision in decisions] == [()] * 3 + [("second_look.unavailable:budget",)] * 7


def test_each_uncertain_label_is_asked_about_and_a_failure_is_said_once(judged):
    detector = ScriptedDetector(
        lambda _: [detector.signal(0.5), detector.signal(0.5, Label.PROFANITY)],
    )
    policy = Policy("two", "", Action.REVIEW, (*POLICY.rules, Rule(Label.PROFANITY, Action.REVIEW, 0.5)))
    with scripted_server((500, {}, b"")) as server:
        look = SecondLook(server.url, model="m")
        moderation = Moderation(Engine([detector]), [policy], second_look=look)
        decision = moderate(moderation, "x")
        moderation.close()
        assert len(server.requests) == 2
    assert decision.notices == ("second_look.unavailable:server-error",)


def test_what_is_clear_is_decided_while_the_rest_waits(judged):
    release = threading.Event()
    with judge(lambda _: release.wait(10)) as server:
        moderation = judged(server.url)
        requests = [
            [moderation.submission(Content(text)) for text in texts]
            for texts in (["score 0.1"], ["score 0.5", "score 0.2"], ["score 0.95", "score 0.3"])
        ]
        first, waits, last = moderation.begin(requests)
        assert [decision.action for decision in (*first, *last)] == [Action.ALLOW, Action.BLOCK, Action.ALLOW]
        release.set()
        assert [decision.action for decision in moderation.finish(waits)] == [Action.REVIEW, Action.ALLOW]


def test_without_a_second_look_nothing_waits(moderation):
    (decisions,) = moderation.begin([[moderation.submission(Content("score 0.5"))]])
    assert [decision.action for decision in decisions] == [Action.REVIEW]
    moderation.close()


@pytest.fixture(scope="module")
def decoder():
    with Decoder(workers=1) as made:
        yield made


def seeing(decoder, *, store=None, second_look=None, words=()):
    nude = ScriptedImageDetector(lambda _: [nude.signal(0.3)])
    engine = Engine([score_in_text(), nude, ScriptedReader(lambda _: words)])
    return Moderation(engine, [POLICY], store=store, second_look=second_look, decoder=decoder)


PICTURE = ImageFile(encoded(landscape()), "image/png")


def test_text_and_images_get_one_decision_that_says_what_they_are(decoder, store):
    moderation = seeing(decoder, store=store, words=["score 0.95"])
    (decision,) = moderation.moderate([moderation.submission(Content("score 0.1", images=(PICTURE, PICTURE)))])
    assert decision.action is Action.BLOCK
    assert decision.scores[Label.SEXUAL] == 0.3
    assert decision.images == (ImageFacts("PNG", 640, 480, 1),) * 2
    assert {"text.scripted", "image.scripted", "image.scripted_words"} == decision.detectors.keys()
    assert store.decisions.get(decision.id).decision.images == decision.images


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_image_needs_no_text(decoder, text):
    moderation = seeing(decoder)
    submission = moderation.submission(Content(text, images=(PICTURE,)))
    assert (submission.prepared.text, submission.text.original) == (None, "")
    (decision,) = moderation.moderate([submission])
    assert decision.scores[Label.SEXUAL] == 0.3


def refused(moderation, *files, **options):
    with pytest.raises(InputError) as caught:
        moderation.submission(Content(images=files), **options)
    return caught.value.code, caught.value.field


def test_an_image_that_cannot_be_taken_is_refused_by_its_place(decoder):
    moderation = seeing(decoder)
    assert refused(moderation, PICTURE, ImageFile(b"")) == ("image.empty", "images[1]")
    assert refused(moderation, ImageFile(b""), image_fields=["input[4]"]) == ("image.empty", "input[4]")
    assert refused(moderation, *[PICTURE] * 9) == ("images.too_many", "images[8]")


def test_without_a_decoder_no_image_is_taken(moderation):
    assert refused(moderation, PICTURE) == ("image.not_supported", "images[0]")


def test_where_nothing_is_looked_for_in_images_now_none_is_taken(decoder):
    nude = ScriptedImageDetector(lambda _: [nude.signal(0.3)])
    nude.live_labels = frozenset()
    moderation = Moderation(Engine([score_in_text(), nude]), [POLICY], decoder=decoder)
    assert refused(moderation, PICTURE) == ("image.not_supported", "images[0]")
    nude.live_labels = nude.labels
    (decision,) = moderation.moderate([moderation.submission(Content(images=(PICTURE,)))])
    assert decision.scores == {Label.SEXUAL: 0.3}


def test_what_comes_with_an_image_must_be_unicode(decoder):
    with pytest.raises(InputError) as caught:
        seeing(decoder).submission(Content(images=(PICTURE,), id="\ud800"))
    assert (caught.value.code, caught.value.field) == ("text.lone_surrogate", "id")


def test_nobody_who_sees_no_images_is_asked_about_a_content_with_some(decoder):
    with judge(lambda _: True) as server, closing(SecondLook(server.url, model="m")) as second_look:
        moderation = seeing(decoder, second_look=second_look)
        submissions = [moderation.submission(Content("score 0.5", images=images)) for images in ((PICTURE,), ())]
        with_image, without = moderation.moderate(submissions)
        assert len(server.requests) == 1
    assert (looks(with_image), len(looks(without))) == ([], 1)


CONDITIONS = parse_policy(
    "name: conditions\nrules:\n"
    "  - {id: known, when: author.blocked_30d >= 2, action: block}\n"
    '  - {id: board, when: \'has(metadata.board) && metadata.board == "market" && door == "test"\', action: review}\n'
)


def decide(moderation, *contents):
    return moderation.moderate(
        [moderation.submission(content, policy="conditions", door="test") for content in contents]
    )


@pytest.fixture
def with_conditions(store):
    return Moderation(Engine([score_in_text()]), [POLICY, CONDITIONS], store=store)


def test_conditions_read_how_earlier_decisions_on_the_author_went(with_conditions):
    for _ in range(2):
        with_conditions.moderate([with_conditions.submission(Content("bad 0.95", author_id="ann"))])
    decisions = decide(
        with_conditions, Content("a 0.1", author_id="ann"), Content("a 0.1", author_id="ben"), Content("a 0.1")
    )
    assert [decision.action for decision in decisions] == ["block", "allow", "allow"]
    assert decisions[0].facts.author == AuthorHistory(decisions_30d=2, blocked_30d=2)
    assert decisions[1].facts.author == decisions[2].facts.author == AuthorHistory()


def test_without_a_store_nothing_is_known_of_the_author():
    moderation = Moderation(Engine([score_in_text()]), [CONDITIONS])
    (decision,) = decide(moderation, Content("a 0.1", author_id="ann"))
    assert (decision.action, decision.facts.author) == (Action.ALLOW, AuthorHistory())


def test_the_store_is_not_asked_for_what_no_policy_reads(with_conditions, store, monkeypatch):
    monkeypatch.delattr(store, "authors")
    with_conditions.moderate([with_conditions.submission(Content("a 0.1", author_id="ann"))])
    decide(with_conditions, Content("a 0.1"))
    with pytest.raises(AttributeError):
        decide(with_conditions, Content("a 0.1", author_id="ann"))


def test_conditions_read_what_the_caller_says_and_only_that_is_kept(with_conditions, store):
    (decision,) = decide(with_conditions, Content("a 0.1", metadata={"board": "market", "secret": "s"}))
    assert (decision.action, decision.facts.metadata) == (Action.REVIEW, {"board": "market"})
    assert store.decisions.get(decision.id).decision == decision


def test_a_stored_decision_with_conditions_is_made_again_from_its_facts(with_conditions, store):
    (decision,) = decide(with_conditions, Content("a 0.1", metadata={"board": "market"}))
    stored = store.decisions.get(decision.id).decision
    again = evaluate(stored.signals, CONDITIONS, covered=stored.scores, failures=stored.failures, facts=stored.facts)
    assert again == stored.verdict


def test_metadata_that_asks_for_people_is_refused_by_the_library_too(moderation):
    with pytest.raises(InputError) as caught:
        moderation.submission(Content("a", metadata={"religion": "x"}))
    assert (caught.value.code, caught.value.field) == ("metadata.personal", "metadata.religion")


def test_the_policy_of_a_decision_is_found_as_it_was(moderation, store):
    decision = moderate(moderation, "0.6")
    assert moderation.policy_of(decision) is moderation.policies["test"]
    later = Moderation(Engine([score_in_text()]), [replace(POLICY, rules=())], store=store)
    assert later.policy_of(decision) == Policy("test", "", Action.REVIEW, ())
    store.policies.keep([StoredPolicy(decision.policy.version, "test", decision.created_at, POLICY.source)])
    assert later.policy_of(decision) == POLICY
    assert later.policy_of(decision) is later.policy_of(decision)


def test_without_a_store_an_earlier_policy_is_one_without_rules():
    decision = moderate(Moderation(Engine([score_in_text()]), [POLICY]), "0.6")
    assert Moderation(Engine([score_in_text()]), [OTHER]).policy_of(decision) == Policy("test", "", Action.REVIEW, ())
