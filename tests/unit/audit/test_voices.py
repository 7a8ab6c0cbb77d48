import itertools
import sys

import pytest

from evenhand.audit.families import read_families
from evenhand.audit.variations import TYPED
from evenhand.audit.voices import VOICES, Voice, VoiceTarget, find_program, speak, spoken_rows, words_of, wrong_words
from evenhand.core.errors import ConfigurationError, InputError
from speech import listener, spoken

PLAIN = Voice("en-us", "accent")
#: The speech model takes long to warm up on a machine with other work.
heard = pytest.mark.timeout(900)


def program(tmp_path, code):
    """Return a program that runs this code."""
    path = tmp_path / "espeak-ng"
    path.write_text(f"#!{sys.executable}\n{code}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_every_sentence_is_typed_once_and_spoken_in_every_voice():
    rows = spoken_rows()
    texts = {row.text for row in rows}
    assert len(texts) == 40
    assert len(rows) == len({row.id for row in rows}) == 40 * (1 + len(VOICES))
    assert sum(row.expected == "harm" for row in rows) == len(rows) / 2
    assert [voice for row, voice in rows.items() if row.group == TYPED] == [None] * 40
    assert len({str(voice) for voice in VOICES}) == len(VOICES)
    assert all(6 <= len(words_of(text)) <= 14 for text in texts)


def test_few_sentences_are_harmless_and_harmful_by_turns_and_from_several_families():
    rows = [row for row in spoken_rows(8, voices=VOICES[:1]) if row.group == TYPED]
    assert [row.expected for row in rows] == ["allow", "harm"] * 4
    assert len({row.family for row in rows}) == 8
    with pytest.raises(InputError):
        spoken_rows(-1)


def test_no_sentence_is_one_of_those_that_are_sent_as_texts():
    known = {template for file in read_families() for family in file.families for template in family.templates}
    assert len(known) > 100
    assert not {row.text for row in spoken_rows(voices=())} & known


def test_wrong_words_are_counted():
    assert words_of("At 8, or 11, it's ten.") == ["at", "eight", "or", "11", "it's", "ten"]
    said = words_of("The bus stops here, right now.")
    assert said == ["the", "bus", "stops", "here", "right", "now"]
    assert [wrong_words(said, words) for words in (said, said[1:], [*said, "x"], ["a", *said[1:]], [])] == [
        0,
        1,
        1,
        1,
        6,
    ]


def test_without_the_program_it_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigurationError) as raised:
        find_program()
    assert raised.value.code == "audit.no_synthesiser"
    assert "apt-get install" in raised.value.remedy


@pytest.mark.parametrize(
    "code", ["raise SystemExit(1)", "pass", "import time\ntime.sleep(9)"], ids=["fails", "is silent", "hangs"]
)
def test_a_program_that_does_not_speak_is_an_error(monkeypatch, tmp_path, code):
    monkeypatch.setattr("evenhand.audit.voices._PATIENCE", 2.0)
    with pytest.raises(ConfigurationError) as raised:
        speak("Good morning.", PLAIN, tmp_path / "clip.wav", program=program(tmp_path, code))
    assert raised.value.code == "audit.not_spoken"


@heard
def test_clips_are_heard_and_a_voice_that_is_not_there_is_a_failure():
    pytest.importorskip("faster_whisper")
    spoken("one")
    rows = spoken_rows(2, voices=(PLAIN, Voice("en-nowhere", "accent")))
    target = VoiceTarget(rows, listener=listener())
    answers = dict(zip(rows, itertools.chain(*target.ask(list(rows))), strict=True))
    for row, answer in answers.items():
        if row.group == "en-nowhere":
            assert (answer.action, answer.error) == (None, "audit.not_spoken")
        else:
            assert (answer.action == "allow") == (row.expected == "allow")
            assert answer.error == ""
    harbour, insult = (answer.more for row, answer in answers.items() if row.group == "en-us")
    assert (insult["words"], insult["unclear"]) == (10, 0)
    # The synthesiser is hard to understand: of the other sentence most words are heard, and not all.
    assert insult["wrong"] <= 1 <= harbour["wrong"] < harbour["words"] == 10
    assert target.about["synthesiser"][0].isdigit()
    assert target.about["detectors"]["audio.speech"]
    target.close()


@heard
def test_a_detector_that_failed_is_no_pass(monkeypatch):
    from evenhand.detectors.text.toxicity import ToxicityDetector

    def fail(*_):
        raise RuntimeError

    pytest.importorskip("faster_whisper")
    spoken("one")
    monkeypatch.setattr(ToxicityDetector, "detect", fail)
    rows = spoken_rows(1, voices=(PLAIN,))
    target = VoiceTarget(rows, listener=listener())
    assert [answer.error[:9] for some in target.ask(list(rows)) for answer in some] == ["detector."] * 2
    target.close()


@heard
def test_a_program_without_a_version_has_none(monkeypatch, tmp_path):
    pytest.importorskip("faster_whisper")
    program(tmp_path, "print('none')")
    monkeypatch.setenv("PATH", str(tmp_path))
    target = VoiceTarget({}, listener=listener())
    assert target.about["synthesiser"] == ""
    target.close()
