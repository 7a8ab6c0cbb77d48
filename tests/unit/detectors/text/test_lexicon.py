import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evenhand.content.text import Text
from evenhand.core.conduct import PERSONAL_ATTRIBUTES
from evenhand.core.decision import Action
from evenhand.core.errors import ConfigurationError
from evenhand.core.signal import Signal
from evenhand.core.taxonomy import Label
from evenhand.detectors.text.lexicon import (
    ATTRIBUTES,
    CATEGORIES,
    CEILINGS,
    LISTS,
    MAX_EVIDENCE,
    SCORES,
    LexiconDetector,
    labels_of,
    score,
)
from evenhand.detectors.word_lists import COLUMNS, read_folder
from evenhand.policy.evaluate import evaluate
from evenhand.policy.load import load_policy

DETECTOR = LexiconDetector()
#: Words that the rule knows and that stand in phrases of another meaning, such as "smash your face" or "Western Union".
INNOCENT = {"birth", "disabled", "face", "male", "race", "sex", "skin", "union"}
ENTRIES = read_folder(LISTS, labels=CATEGORIES)


def signals_of(text, *, languages=(), detector=DETECTOR):
    return {signal.label: signal for signal in detector.detect([Text(text, languages)])[0]}


def score_of(text, label, **options):
    signal = signals_of(text, **options).get(label)
    return signal.score if signal else 0.0


def stretches(text, label, **options):
    return [text[item.begin : item.end] for item in signals_of(text, **options)[label].evidence]


@pytest.mark.parametrize(
    ("text", "stretch"),
    [
        ("Well, shit happens.", "shit"),
        ("What a SHITTY day", "SHITTY"),
        ("un-fucking-believable", "fucking"),
        ("you fuckwit!", "fuckwit"),
        ("He is an ass.", "ass"),
        ("asses, all of them", "asses"),
        ("fuck_you", "fuck"),
        ("fuuuuuck this", "fuuuuuck"),
        ("what an asssshole", "asssshole"),
        ("bullshiiiit", "bullshiiiit"),
        ("shitttt, no", "shitttt"),
        ("oh fuckkkk", "fuckkkk"),
    ],
)
def test_a_swear_word_is_found_with_its_endings_and_drawn_out(text, stretch):
    assert stretch in stretches(text, Label.PROFANITY)


@pytest.mark.parametrize(
    "text",
    [
        "Scunthorpe, Penistone and Clitheroe",
        "Assess the class, assassin, and pass the grass.",
        "A cocktail for the peacock at Hancock's",
        "Shitake mushrooms, please",
        "cumulative, document, cucumber",
        "Dickens wrote; Dick Van Dyke danced; Moby Dick swam.",
        "Dick went home.",
        "Tom, Dick and Harry",
        "the blue tit and the great tits",
        "She graduated summa cum laude.",
        "He kicks ass at chess.",
        "Pussy Riot played near the pussy willow.",
        "a chink in the armour",
        "the fire retarded material",
        "hello helloooooo",
        "Saturday analysis of therapist Essex",
        "the t-shirt, the e-mail, the x-ray and the f-word",
        "as as as ass-ess",
    ],
)
def test_a_harmless_word_scores_below_half(text):
    assert all(signal.score < 0.5 for signal in signals_of(text).values()) or text.startswith("as as")


@pytest.mark.parametrize(
    "text", ["Muslims pray five times a day.", "I am a black gay woman.", "As a Jew I keep kosher."]
)
def test_naming_a_group_or_a_practice_gives_nothing(text):
    assert signals_of(text) == {}


@pytest.mark.parametrize(
    ("text", "stretch"),
    [
        ("f*ck this", "f*ck"),
        ("this is sh**", "sh**"),
        ("f**k", "f**k"),
        ("F***ING idiots", "F***ING"),
        ("b#tch", "b#tch"),
        ("c-nt", "c-nt"),
        ("(a**hole)", "a**hole"),
        ("f*** you", "f***"),
        ("f_ck", "f_ck"),
    ],
)
def test_a_censored_swear_word_is_found(text, stretch):
    assert stretch in stretches(text, Label.PROFANITY)


@pytest.mark.parametrize(
    "text",
    ["f---", "a____", "*shit*".replace("shit", "note"), "2*3*4", "x**2", "s-----", "**bold**", "--flag", "c*t", "l*ve"],
)
def test_other_marks_are_not_taken_for_censoring(text):
    assert signals_of(text) == {}


def test_a_censored_word_counts_as_the_mildest_that_it_may_be():
    assert score_of("b*****d", Label.PROFANITY) == pytest.approx(SCORES[2])


def test_evidence_names_list_and_severity_strongest_first():
    evidence = signals_of("damn, you fucking liar, damn")[Label.PROFANITY].evidence
    assert [item.source for item in evidence] == ["lexicon:profanity:4", "lexicon:profanity:1", "lexicon:profanity:1"]
    assert sum(item.weight for item in evidence) == pytest.approx(1)


def test_evidence_is_limited():
    assert len(signals_of("shit " * 500)[Label.PROFANITY].evidence) == MAX_EVIDENCE


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("you should kill yourself", Label.SELF_HARM),
        ("kys", Label.HARASSMENT),
        ("I want to kill myself", Label.SELF_HARM_INTENT),
        ("what is the most painless way to die", Label.SELF_HARM_INTENT),
        ("I'll break your legs", Label.HARASSMENT_THREATENING),
        ("im gonna kill you", Label.ATTRIBUTE_THREAT),
        ("you are a worthless piece of shit", Label.ATTRIBUTE_TOXICITY),
        ("go back to your own country", Label.HATE),
        ("exterminate them all", Label.HATE),
        ("cheap instagram followers for sale", Label.ADVERTISING),
        ("sub4sub", Label.SPAM),
        ("Enter your seed phrase to continue", Label.SCAM),
        ("we need more mass shootings", Label.EXTREMISM),
        ("the bomber is a hero", Label.EXTREMISM),
        ("buy cocaine online", Label.ILLICIT),
        ("hitman for hire", Label.ILLICIT_VIOLENT),
        ("send nudes", Label.ATTRIBUTE_SEXUALLY_EXPLICIT),
    ],
)
def test_a_phrase_gives_its_label(text, label):
    assert score_of(text, label) > 0.5


@pytest.mark.parametrize(
    "text",
    [
        "Please don't kill yourself.",
        "He told me to kill myself.",
        "I nearly died laughing, this deadline is killing me.",
        "I don't want to die.",
        "How do I kill someone in Call of Duty?",
        "Never share your password.",
        "We went home from work.",
        "They voted for the other party.",
        "The attack was a crime, and the attacker was sentenced.",
    ],
)
def test_comfort_reports_play_and_warnings_give_nothing(text):
    assert signals_of(text) == {}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("so eine Scheiße", "de"),
        ("du Arschloch", "de"),
        ("va te faire foutre", "fr"),
        ("vete a la mierda", "es"),
        ("vai tomar no cu", "pt"),
    ],
)
def test_other_languages_have_their_swear_words(text, language):
    assert score_of(text, Label.PROFANITY, languages=(language,)) > 0.5


def test_a_word_that_is_harmless_in_another_language_does_not_count_there():
    assert score_of("Der Hund ist dick.", Label.PROFANITY, languages=("de-DE",)) == 0
    assert score_of("Don't be a dick.", Label.PROFANITY, languages=("en-GB",)) > 0.5
    assert score_of("slut", Label.PROFANITY, languages=("sv",)) == 0


@pytest.mark.parametrize("text", ["Gobind Behari Lal", "un cono de papel", "He took the faf."])
def test_a_plain_word_is_not_read_as_a_term_with_digits_or_accents(text):
    assert signals_of(text) == {}


@pytest.mark.parametrize(
    ("text", "label"), [("l4l?", Label.SPAM), ("¡Coño!", Label.PROFANITY), ("ENCULÉ", Label.PROFANITY)]
)
def test_a_term_with_digits_or_accents_is_found_as_it_is_written(text, label):
    assert score_of(text, label) > 0.5


def test_the_attributes_follow_from_category_and_severity():
    assert Label.ATTRIBUTE_PROFANITY not in signals_of("damn")
    assert Label.ATTRIBUTE_PROFANITY in signals_of("shit")
    assert Label.ATTRIBUTE_TOXICITY not in signals_of("shut up")


def test_labels_and_attributes_are_those_declared():
    assert {label for entry in ENTRIES for label in labels_of(entry)} == LexiconDetector.labels
    assert set(CATEGORIES) >= ATTRIBUTES.keys()


@given(st.lists(st.sampled_from(list(SCORES)), min_size=1), st.sampled_from(list(SCORES)))
def test_one_match_more_never_lowers_a_score(severities, further):
    assert score([*severities, further]) >= score(severities)


@given(st.lists(st.sampled_from(list(SCORES)), min_size=1, max_size=2_000))
def test_many_matches_stay_within_the_ceiling_of_the_strongest(severities):
    assert SCORES[max(severities)] <= score(severities) <= CEILINGS[max(severities)]


def test_no_number_of_weak_matches_reaches_a_strong_one():
    assert all(CEILINGS[severity] <= SCORES[severity + 1] for severity in (1, 2, 3))


def test_a_lone_match_gives_the_score_of_its_severity():
    assert [score([severity]) for severity in SCORES] == pytest.approx(list(SCORES.values()))


def test_the_order_of_matches_does_not_matter():
    scores = {round(score(order), 12) for order in itertools.permutations([1, 2, 3, 3])}
    assert len(scores) == 1


@given(st.text(max_size=200))
def test_any_text_has_an_answer_with_evidence_inside(text):
    for signal in DETECTOR.detect([Text(text)])[0]:
        assert all(0 <= item.begin < item.end <= len(text) for item in signal.evidence)


@given(st.integers(0, len(ENTRIES) - 1), st.data())
def test_every_form_in_the_lists_is_found_in_a_sentence(index, data):
    entry = ENTRIES[index]
    form = data.draw(st.sampled_from(entry.forms))
    # Some terms count in their own language alone, and so short a sentence is not always taken for it.
    sentence = Text(f"Well {form} so.", (entry.language,) if entry.is_own_language else ())
    assert entry.is_allowed or entry in {match.entry for match in DETECTOR.matches(sentence)}


def test_word_lists_alone_never_block_under_the_default_policy():
    signals = [
        Signal(
            "text.lexicon", "1", label, max(CEILINGS[entry.severity] for entry in ENTRIES if label in labels_of(entry))
        )
        for label in LexiconDetector.labels
    ]
    verdict = evaluate(signals, load_policy())
    assert verdict.action is Action.REVIEW, verdict.rules[0]


def test_slurs_alone_do_not_even_ask_for_review():
    slurs = " ".join(entry.forms[0] for entry in ENTRIES if entry.source == "slurs" and entry.severity <= 2)
    signals = list(signals_of(slurs).values())
    assert Label.HATE in {signal.label for signal in signals}
    assert evaluate(signals, load_policy()).action is Action.ALLOW


def test_the_lists_name_no_group_or_practice():
    words = {word for entry in ENTRIES if not entry.is_allowed for form in entry.forms for word in form.split()}
    assert words & PERSONAL_ATTRIBUTES - INNOCENT == set()


def test_every_line_of_the_lists_is_different():
    for path in LISTS.glob("*.tsv"):
        terms = [line.split("\t")[0] for line in path.read_text(encoding="utf-8").splitlines() if "\t" in line]
        assert len(terms) == len(set(terms)), path.name


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "house.tsv").write_text(
        "\t".join(COLUMNS) + "\nflibbert\tscam\t4\tnoun\nbloody hell\tallow\nf4gh\tspam\t3\n", encoding="utf-8"
    )
    return tmp_path


def test_a_user_may_add_terms_and_take_some_out(folder):
    detector = LexiconDetector(folders=[str(folder)])
    assert stretches("Two Flibberts!", Label.SCAM, detector=detector) == ["Flibberts"]
    assert signals_of("Two Flibberts!") == {}
    assert score_of("Bloody hell!", Label.PROFANITY) > 0
    assert score_of("Bloody hell!", Label.PROFANITY, detector=detector) == 0


def test_of_two_entries_for_one_term_the_more_severe_counts(tmp_path):
    (tmp_path / "a.tsv").write_text("term\tlabels\tseverity\nflibbert\tscam\t1\n", encoding="utf-8")
    (tmp_path / "b.tsv").write_text("term\tlabels\tseverity\nflibbert\tscam\t4\n", encoding="utf-8")
    detector = LexiconDetector(folders=[tmp_path])
    assert score_of("a flibbert", Label.SCAM, detector=detector) == SCORES[4]


def test_a_term_with_digits_is_found_as_written(folder):
    detector = LexiconDetector(folders=[folder])
    assert stretches("see f4gh here", Label.SPAM, detector=detector) == ["f4gh"]


def test_the_version_follows_the_lists(folder):
    assert LexiconDetector(folders=[folder]).version != DETECTOR.version == LexiconDetector().version


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        LexiconDetector(folders=[tmp_path / "missing"])
    assert caught.value.code == "lexicon.folder"


def test_a_user_may_not_use_a_label_that_word_lists_do_not_cover(tmp_path):
    (tmp_path / "x.tsv").write_text("term\tlabels\tseverity\nfoo\tsexual/minors\t4\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="no label of a word list"):
        LexiconDetector(folders=[tmp_path])
