import pytest

from evenhand.content.text import Text
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.detectors.text.toxicity import EVIDENCE_FROM, HEADS_OF, MAX_EVIDENCE, MINOR, ToxicityDetector

DETECTOR = ToxicityDetector()
RUDE = "Thanks for the tea, and the meeting was fine. But you are a pathetic IDIOT, so shut up!"


def signals_of(text):
    return {signal.label: signal for signal in DETECTOR.detect([Text(text)])[0]}


def test_every_declared_label_gets_a_signal():
    assert signals_of("Hello, how are you?").keys() == DETECTOR.labels


def test_evidence_points_at_the_words_that_did_it():
    evidence = signals_of(RUDE)[Label.ATTRIBUTE_INSULT].evidence
    assert "pathetic IDIOT" in RUDE[evidence[0].begin : evidence[0].end]
    assert len(evidence) <= MAX_EVIDENCE
    assert sum(item.weight for item in evidence) <= 1.0 + 1e-9
    assert {item.source for item in evidence} == {"model"}


def test_evidence_is_made_of_whole_words():
    for item in signals_of(RUDE)[Label.ATTRIBUTE_TOXICITY].evidence:
        around = f" {RUDE} "[item.begin : item.end + 2]
        assert not around[0].isalnum()
        assert not around[-1].isalnum()


def test_there_is_evidence_for_strong_scores_alone():
    for signal in signals_of(RUDE).values():
        assert bool(signal.evidence) == (signal.score >= EVIDENCE_FROM)


def test_evidence_points_into_the_original_through_a_disguise():
    text = "well, you are an \u0456d\u0456\u043et"
    begin = text.index("\u0456d")
    assert any(
        item.begin <= begin < len(text) <= item.end for item in signals_of(text)[Label.ATTRIBUTE_INSULT].evidence
    )


def test_a_label_follows_from_the_least_of_its_heads():
    signals = signals_of("All of them should be shot, they are vermin.")
    assert signals[Label.HATE].score == signals[Label.ATTRIBUTE_IDENTITY_ATTACK].score
    heads = [signals[head].score for head in HEADS_OF[Label.HATE_THREATENING]]
    assert signals[Label.HATE_THREATENING].score == min(heads) < max(heads)


def test_severe_toxicity_is_never_above_toxicity():
    for text in ("fuck", "kill all of them", RUDE, "what a lovely day"):
        signals = signals_of(text)
        severe, toxic = signals[Label.ATTRIBUTE_SEVERE_TOXICITY], signals[Label.ATTRIBUTE_TOXICITY]
        assert severe.score <= toxic.score


@pytest.mark.parametrize("text", ["word " * 1000, "idiot " * 800, "a" * 20000])
def test_long_texts_score_the_same_alone_and_in_a_batch(text):
    alone = DETECTOR.detect([Text(text)])[0]
    assert DETECTOR.detect([Text(text), Text("hello"), Text(text)])[2] == alone


@pytest.mark.parametrize("place", [0, 50, 99])
def test_one_insult_in_a_long_letter_is_found_where_it_stands(place):
    sentences = [f"On day {number} we walked to the lake and had tea with friends." for number in range(100)]
    sentences[place] = "You are a pathetic idiot."
    text = " ".join(sentences)
    signal = signals_of(text)[Label.ATTRIBUTE_INSULT]
    assert signal.score > EVIDENCE_FROM
    assert "idiot" in text[signal.evidence[0].begin : signal.evidence[0].end]


def test_a_sexual_text_that_mentions_a_minor_is_marked_and_another_is_not():
    # No sexual text is written for this: the rule looks at the mention alone, and the score comes from another head.
    assert MINOR.search("a 15 year old")
    assert MINOR.search("two schoolkids")
    assert not MINOR.search("a 25 year old")
    assert not MINOR.search("kidney beans")
    signals = signals_of("The children played outside until dinner.")
    assert signals[Label.SEXUAL_MINORS].score == signals[Label.SEXUAL].score < EVIDENCE_FROM
    assert signals_of("Dinner is ready.")[Label.SEXUAL_MINORS].score == 0.0


def test_another_model_may_be_named(tmp_path):
    with pytest.raises(ConfigurationError) as raised:
        ToxicityDetector(model=tmp_path / "none")
    assert raised.value.code == "model.missing"


@pytest.mark.parametrize(
    "text",
    [
        "My Jewish grandmother keeps the Sabbath.",
        "Muslims, Christians and atheists live in our street.",
        "She is a lesbian and a proud mother of two.",
        "My neighbour fasts during Ramadan.",
        "Trans people deserve respect.",
        "He is deaf and teaches at our school.",
        "Black and white people marched together.",
        "gay",
        "Uyghurs",
    ],
)
def test_naming_who_people_are_is_no_harm(text):
    assert all(signal.score < EVIDENCE_FROM for signal in signals_of(text).values())
