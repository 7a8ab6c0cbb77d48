import hashlib
from datetime import UTC, datetime

import pytest

from databases import store_in
from evenhand.core.content import ClipFile
from evenhand.core.decision import Action
from evenhand.core.errors import NotFoundError
from evenhand.core.facts import AuthorHistory
from evenhand.core.taxonomy import Label
from evenhand.engine.screen import Engine
from evenhand.policy.load import parse_policy
from evenhand.policy.policy import Policy, Rule
from evenhand.service.clips import ClipScreener, clip_record
from evenhand.service.moderate import Keep, Moderation
from evenhand.service.replay import again, changes
from fakes.detectors import ScriptedDetector
from fakes.stretches import ScriptedClipDecoder, ScriptedListener, said, still, stretch
from samples import keep, to_review

POLICY = Policy("test", "", Action.BLOCK, (Rule(Label.HARASSMENT, Action.REVIEW, 0.5),))


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"clip")
    return ClipFile(path)


def make(decoder, listener=None):
    detector = ScriptedDetector(lambda text: [detector.signal(0.7)] if "fool" in text else [])
    return ClipScreener(Moderation(Engine([detector]), [POLICY]), decoder, listener)


def two_stretches(**more):
    first = stretch(still(0), is_last=False)
    return ScriptedClipDecoder(first, stretch(still(30), begin=30.0, end=42.0), **more)


def test_a_clip_is_screened_stretch_by_stretch(file):
    decoder, listener = two_stretches(seconds=42.0), ScriptedListener([said("you")], [said("fool", 31, 32)])
    steps = []
    screener = make(decoder, listener)
    decision, notes = screener.screen(file, content_id="c", language="en", advance=lambda *step: steps.append(step))
    assert decoder.asked == [(0.0, 30.0, 0.0), (30.0, 30.0, 30.0)]
    assert listener.asked == [(0.0, 30.0, "en"), (30.0, None, "en")]
    assert steps == [(30.0, 42.0), (42.0, 42.0)]
    assert (decision.content_id, decision.action, decision.clip.seconds) == ("c", Action.REVIEW, 42.0)
    assert [utterance.text for utterance in notes.transcript] == ["you", "fool"]
    assert notes.timeline == decision.timeline
    assert decision.detectors["audio.scripted"] == "1"


def test_a_known_file_is_known_by_its_hashes(file):
    examined = make(two_stretches()).examine(file)
    assert examined.md5 == hashlib.md5(b"clip").hexdigest()
    assert examined.sha256 == hashlib.sha256(b"clip").hexdigest()


def test_sound_that_nobody_can_listen_to_is_not_clean(file):
    decision, _ = make(ScriptedClipDecoder(stretch(still(0)))).screen(file)
    assert decision.notices == ("speech.not_heard",)
    assert decision.action is Action.REVIEW


def test_a_clip_without_sound_needs_no_listener(file):
    decision, _ = make(ScriptedClipDecoder(stretch(still(0), sound=[]), has_sound=False)).screen(file)
    assert (decision.notices, decision.action) == ((), Action.ALLOW)


def test_silence_is_clean(file):
    decision, notes = make(ScriptedClipDecoder(stretch(still(0))), ScriptedListener([])).screen(file)
    assert (decision.notices, decision.action, notes.transcript) == ((), Action.ALLOW, ())


@pytest.mark.parametrize(("stated", "found"), [(True, False), (False, True)])
def test_a_file_that_breaks_off_is_screened_as_far_as_it_goes(file, stated, found):
    decoder = ScriptedClipDecoder(stretch(still(0), end=12.0, is_partial=found), is_partial=stated, has_sound=False)
    decision, _ = make(decoder, ScriptedListener([])).screen(file)
    assert decision.notices == ("clip.partial",)
    assert (decision.clip.is_partial, decision.clip.seconds) == (True, 12.0)


def test_an_unknown_policy_is_refused_before_anything_is_decoded(file):
    decoder = two_stretches()
    with pytest.raises(NotFoundError) as refused:
        make(decoder).screen(file, policy="strict")
    assert refused.value.code == "policy.not_found"
    assert decoder.asked == []


@pytest.mark.parametrize(
    ("keep", "words", "is_kept"),
    [
        (Keep.ALWAYS, "fine", True),
        (Keep.REVIEW, "fine", False),
        (Keep.REVIEW, "fool", True),
        (Keep.NEVER, "fool", False),
    ],
)
def test_what_was_said_and_why_is_kept_exactly_when_a_text_would_be(file, keep, words, is_kept):
    screener = make(ScriptedClipDecoder(stretch(still(0))), ScriptedListener([said(words), said("end")]))
    decision, notes = screener.screen(file)
    record = clip_record(decision, notes, keep=keep, key_id="k", door="native", author_id="u-17")
    assert record.author_id == "u-17"
    assert (record.body, record.clip) == ((f"{words}\nend", notes) if is_kept else (None, None))
    assert not any(span.reason for span in record.decision.timeline)


CONDITIONS = parse_policy(
    "name: conditions\nrules:\n"
    "  - {id: often, when: author.decisions_30d >= 2, action: block}\n"
    '  - {id: board, when: \'has(metadata.board) && metadata.board == "market" && door == "native"\', action: review}\n'
)


@pytest.fixture
def concluded(store, file):
    """Return what concludes a silent clip by a policy with conditions, or by another, and keeps it."""

    def conclude(policy=CONDITIONS, *, author_id="", **more):
        decoder = ScriptedClipDecoder(stretch(still(0), sound=[]), has_sound=False)
        screener = ClipScreener(Moderation(Engine([ScriptedDetector()]), [policy], store=store), decoder)
        examined = screener.examine(file)
        found, _ = screener.stretch(file, examined, policy)
        decision, notes = screener.conclude(examined, [found], policy, author_id=author_id, door="native", **more)
        record = clip_record(decision, notes, keep=Keep.NEVER, key_id="k", door="native", author_id=author_id)
        store.decisions.record([record])
        return store.decisions.get(decision.id).decision

    return conclude


def test_conditions_read_what_the_caller_says_of_a_clip_and_only_that_is_kept(concluded):
    decision = concluded(metadata={"board": "market", "secret": "s"})
    assert (decision.action, [hit.rule for hit in decision.verdict.rules]) == (Action.REVIEW, ["board"])
    assert (decision.facts.kind, decision.facts.door) == ("clip", "native")
    assert decision.facts.metadata == {"board": "market"}
    assert concluded(metadata={"board": "lost"}).action is concluded().action is Action.ALLOW


def test_conditions_read_how_earlier_decisions_on_the_author_of_a_clip_went(concluded, store):
    keep(store, to_review(author_id="ann", at=datetime.now(UTC)))
    first, second = concluded(author_id="ann"), concluded(author_id="ann")
    # A clip counts for its author from its decision on.
    assert (first.action, first.facts.author) == (Action.ALLOW, AuthorHistory(decisions_30d=1, reviewed_30d=1))
    assert (second.action, second.facts.author) == (Action.BLOCK, AuthorHistory(decisions_30d=2, reviewed_30d=1))
    assert concluded(author_id="ben").facts.author == concluded().facts.author == AuthorHistory()


def test_a_clip_that_was_decided_by_its_author_is_decided_again_alike(concluded, store):
    keep(store, *(to_review(author_id="ann", at=datetime.now(UTC)) for _ in range(2)))
    decision = concluded(author_id="ann", metadata={"board": "market"})
    # What is known of the author by now is not asked again.
    keep(store, *(to_review(author_id="ann", at=datetime.now(UTC)) for _ in range(2)))
    assert [hit.rule for hit in decision.verdict.rules] == ["often", "board"]
    assert changes(decision.verdict, again(decision, CONDITIONS)) == ()


def test_the_history_of_an_author_is_only_looked_up_where_the_policy_reads_it(concluded, store, monkeypatch):
    asked = []
    monkeypatch.setattr(store.authors, "histories", lambda names, _: asked.append(names) or {})
    concluded(POLICY, author_id="ann")
    concluded()
    assert asked == []
    concluded(author_id="ann")
    assert asked == [{"ann"}]


def test_to_close_it_closes_what_decodes():
    decoder = two_stretches()
    make(decoder).close()
    assert decoder.is_closed
