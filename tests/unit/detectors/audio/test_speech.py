import itertools
import json
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import pytest

from evenhand.content.clip import SOUND_RATE
from evenhand.content.clip_sound import OVERHANG
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.core.timeline import Utterance
from evenhand.detectors.audio import speech
from evenhand.detectors.audio.speech import LEAST_CONFIDENCE, MARGIN, MOST_PASSES, PAUSE, UNHEARD, WINDOW, SpeechReader
from evenhand.detectors.base import Listener
from evenhand.detectors.registry import missing_packages
from evenhand.testing.declaration_checks import DeclarationChecks
from evenhand.testing.memory_probe import STATUS
from speech import CACHE, in_noise, joined, listener, recorded, silence, spoken, word_errors, words_of

if missing_packages(SpeechReader):
    pytest.skip("evenhand[speech] is not installed", allow_module_level=True)

COAST = "The train to the coast leaves at nine in the morning."
COAT = "Please bring a warm coat and two pairs of shoes."


def fresh():
    """Return a listener that has loaded nothing yet."""
    return SpeechReader(cache_folder=CACHE)


def has_loaded(reader):
    return "_model" in vars(reader._whisper)


def text_of(heard):
    return " ".join(utterance.text for utterance in heard.utterances)


def errors_in(heard, said):
    return word_errors(words_of(said), words_of(text_of(heard)))


def waves(*hertz, seconds=10.0, loudness=0.4):
    times = np.arange(round(seconds * SOUND_RATE)) / SOUND_RATE
    return (sum(np.sin(2 * math.pi * each * times) for each in hertz) / len(hertz) * loudness * 32_767).astype(np.int16)


def noise(seconds=10.0, loudness=0.1, *, seed=0):
    samples = np.random.default_rng(seed).standard_normal(round(seconds * SOUND_RATE)) * loudness
    return np.clip(samples * 32_767, -32_768, 32_767).astype(np.int16)


def clicks():
    sound = silence(10)
    sound[::4_000] = 32_767
    return sound


def beats():
    chord = waves(220, 277, 330, loudness=0.8)
    return chord * (waves(2, loudness=1) > 0)


class TestSpeechReader(DeclarationChecks):
    detector_class = SpeechReader

    @property
    def detector(self):
        return listener()

    def require_shape(self):
        assert isinstance(self.detector, Listener)
        assert SpeechReader.labels == frozenset[Label]()
        assert SpeechReader.limits.languages == ("en",)


# ---- what is no speech ----


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, np.int16),
        np.zeros(1, np.int16),
        silence(0.01),
        silence(40),
        waves(440),
        waves(50, loudness=1.0),
        waves(3_000),
        beats(),
        noise(),
        noise(loudness=0.9),
        noise(40, loudness=0.003, seed=1),
        np.random.default_rng(0).integers(-300, 301, 40 * SOUND_RATE).astype(np.int16),
        noise(loudness=0.00005),
        clicks(),
        np.full(50_000, 9_000, np.int16),
    ],
    ids=lambda sound: f"{len(sound)} to {np.abs(sound).max(initial=0)}",
)
def test_where_nobody_speaks_there_is_nothing_and_the_model_is_not_loaded(sound):
    reader = fresh()
    heard = reader.hear(sound, begin=60.0)
    assert heard.utterances == ()
    assert heard.until == 60.0 + len(sound) / SOUND_RATE
    assert not has_loaded(reader)


# ---- what is said, by the real model ----


#: Whisper takes seconds a window, and much longer where other tests want the same processors.
heavy = pytest.mark.timeout(900)


@heavy
def test_recorded_speech_is_heard_word_by_word():
    clips = recorded()
    sound = joined(*(sound for sound, _ in clips))
    heard = listener().hear(sound, begin=100.0)
    said = " ".join(words for _, words in clips)
    assert errors_in(heard, said) <= 0.05 * len(words_of(said))
    assert {(utterance.language, utterance.is_clear) for utterance in heard.utterances} == {("en", True)}
    assert all(utterance.confidence >= LEAST_CONFIDENCE for utterance in heard.utterances)
    assert all(first.end <= second.begin for first, second in itertools.pairwise(heard.utterances))
    assert heard.utterances[0].begin == pytest.approx(100.0, abs=0.8)
    assert heard.utterances[-1].end == pytest.approx(heard.until - 1.0, abs=0.8)
    assert heard.until == pytest.approx(100.0 + len(sound) / SOUND_RATE)


@heavy
def test_a_sentence_across_a_border_is_heard_once_and_whole():
    clips = recorded()
    (first, second, third), said = zip(*(clips[place] for place in (0, 2, 3)), strict=True)
    clip = joined(first, second, third)
    last = len(joined(first, second)) / SOUND_RATE
    border = (len(joined(first)) + len(second) / 2) / SOUND_RATE
    one = listener().hear(clip, begin=0.0, until=border)
    assert border < one.until <= last
    two = listener().hear(clip[round(one.until * SOUND_RATE) :], begin=one.until, until=math.inf)
    assert two.until == pytest.approx(len(clip) / SOUND_RATE)
    assert errors_in(one, " ".join(said[:2])) <= 2
    assert errors_in(two, said[2]) <= 2
    assert one.utterances[-1].end <= one.until <= two.utterances[0].begin
    assert two.utterances[0].begin == pytest.approx(last, abs=0.8)


@heavy
def test_another_language_is_never_clear():
    words = (
        "Ich komme heute Nacht zu deinem Haus und schlage dir alle Fenster ein. Du solltest große Angst vor mir haben."
    )
    heard = listener().hear(spoken(words, voice="de"), begin=0.0)
    assert heard.utterances
    assert {utterance.language for utterance in heard.utterances} <= {"de", ""}
    assert not any(utterance.is_clear for utterance in heard.utterances)


@heavy
def test_speech_that_drowns_is_never_clear():
    heard = listener().hear(in_noise(spoken(COAST), -6), begin=0.0)
    assert heard.utterances
    assert not any(utterance.is_clear for utterance in heard.utterances)


@pytest.mark.parametrize(
    "change",
    [
        lambda sound: sound // 600,
        lambda sound: sound // 20 + 20_000,
        lambda sound: sound // 30 + waves(20, seconds=len(sound) / SOUND_RATE, loudness=0.9)[: len(sound)],
        lambda sound: sound // 30 + waves(60, seconds=len(sound) / SOUND_RATE, loudness=0.9)[: len(sound)],
    ],
    ids=["quiet", "off centre", "too low to hear", "hum"],
)
def test_speech_that_somebody_hides_is_found(change):
    sound = change(joined(spoken(f"{COAST} {COAT}"))).astype(np.int16)
    pieces = speech._speech_in(speech._audible(sound))
    assert sum(end - begin for begin, end in pieces) > 0.8 * (len(sound) - SOUND_RATE)


@heavy
def test_it_keeps_within_its_memory(tmp_path):
    if not STATUS.exists():
        pytest.skip("this system does not tell how large a process is")
    np.save(tmp_path / "sound.npy", spoken(f"{COAST} {COAT}"))
    program = (
        "import sys, numpy; from evenhand.testing.memory_probe import resident; before = resident()\n"
        "from evenhand.detectors.audio.speech import SpeechReader\n"
        "heard = SpeechReader(cache_folder=sys.argv[1]).hear(numpy.load(sys.argv[2]), begin=0.0)\n"
        "assert heard.utterances; print(resident() - before)"
    )
    command = [sys.executable, "-c", program, str(CACHE), str(tmp_path / "sound.npy")]
    grown = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert grown <= SpeechReader.limits.megabytes


# ---- the rest, with a model and a finder of speech that do as they are told ----


class ScriptedModel:
    """Says `segments` of whatever it gets, or one segment over all of it."""

    def __init__(self, *segments, language="en", probability=0.99):
        self.segments = segments
        self.language, self.probability = language, probability
        self.heard = []
        self.asked = []

    def feature_extractor(self, samples):
        return np.zeros((80, len(samples) // 160 + 1))

    def detect_language(self, *, features):
        others = [(name, 0.01) for name in ("en", "de", "fr", "jw") if name != self.language]
        return self.language, self.probability, [(self.language, self.probability), *others]

    def transcribe(self, samples, **options):
        self.heard.append(samples)
        self.asked.append(options)
        seconds = len(samples) / SOUND_RATE
        said = self.segments or (segment(f"part {len(self.heard)}", 0.0, seconds),)
        return iter(said), None


def segment(text="words", begin=0.0, end=1.0, *, words=(0.9, 0.9), logarithm=-0.2, repetition=1.2, seek=0):
    return SimpleNamespace(
        seek=seek,
        text=f" {text}",
        start=begin,
        end=end,
        words=[SimpleNamespace(probability=each) for each in words],
        avg_logprob=logarithm,
        compression_ratio=repetition,
    )


@pytest.fixture
def scripted(monkeypatch):
    """Return a function that makes a listener of a scripted model, to which speech is where the sound is not silent."""

    def find(samples):
        is_loud = np.abs(samples) > 0
        padded = np.concatenate([[False], is_loud, [False]]).astype(np.int8)
        begins, ends = np.flatnonzero(np.diff(padded) == 1), np.flatnonzero(np.diff(padded) == -1)
        return [(int(begin), int(end)) for begin, end in zip(begins, ends, strict=True)]

    monkeypatch.setattr(speech, "_speech_in", find)
    monkeypatch.setattr(speech, "_audible", lambda sound: np.asarray(sound, np.float32) / 32_768)

    def make(model):
        reader = fresh()
        reader._whisper.__dict__["_model"] = model
        return reader

    return make


def voice(*spans, seconds):
    """Return sound that is loud from when to when."""
    sound = silence(seconds)
    for begin, end in spans:
        sound[round(begin * SOUND_RATE) : round(end * SOUND_RATE)] = 8_000
    return sound


def test_pieces_of_speech_go_into_as_few_windows_as_hold_them(scripted):
    model = ScriptedModel()
    spans = [(0, 10), (12, 24), (26, 36), (40, 45)]
    heard = scripted(model).hear(voice(*spans, seconds=50), begin=5.0)
    assert [round(len(samples) / SOUND_RATE, 1) for samples in model.heard] == [23.2, 16.6]
    assert max(len(samples) for samples in model.heard) <= WINDOW * SOUND_RATE
    assert [utterance.text for utterance in heard.utterances] == ["part 1", "part 2"]
    assert [(utterance.begin, utterance.end) for utterance in heard.utterances] == [
        (5.0, pytest.approx(5.0 + 24 + MARGIN)),
        (pytest.approx(5.0 + 26 - MARGIN), pytest.approx(5.0 + 45 + MARGIN)),
    ]
    assert heard.until == 55.0


def test_times_in_a_window_are_times_in_the_clip(scripted):
    # In the window, the pieces lie from 0 to 2.4 and from 2.4 to 5.2.
    model = ScriptedModel(segment("one", 0.1, 2.4), segment("two", 2.4, 5.0))
    heard = scripted(model).hear(voice((0, 2), (10, 12), seconds=20), begin=100.0)
    assert [(utterance.begin, utterance.end) for utterance in heard.utterances] == [
        (pytest.approx(100.1), pytest.approx(102.4)),
        (pytest.approx(109.6), pytest.approx(112.2)),
    ]


def test_margins_do_not_overlap_or_leave_the_sound(scripted):
    model = ScriptedModel()
    scripted(model).hear(voice((0.1, 1), (1.4, 2), seconds=2.1), begin=0.0)
    assert [len(samples) for samples in model.heard] == [round(2.1 * SOUND_RATE)]


def test_speech_that_begins_after_the_border_is_left_alone(scripted):
    model = ScriptedModel()
    reader = scripted(model)
    clip = voice((5, 8), (29, 33), (31.9 + PAUSE + 1, 35), seconds=40)
    heard = reader.hear(clip, begin=0.0, until=30.0)
    assert heard.until == pytest.approx(33 + 0.25, abs=0.2)
    assert heard.utterances[-1].end <= heard.until
    assert reader.hear(clip, begin=0.0, until=28.0).until == 28.0


def test_speech_that_begins_just_after_the_border_is_heard_with_its_margin(scripted):
    clip = voice((30.1, 33), seconds=40)
    reader = scripted(ScriptedModel())
    assert reader.hear(clip, begin=0.0, until=30.0).until == pytest.approx(33 + MARGIN)
    later = voice((30.1 + MARGIN, 33), seconds=40)
    assert reader.hear(later, begin=0.0, until=30.0) == speech.Heard((), 30.0)


def test_speech_without_a_pause_is_cut_where_it_is_quietest(scripted):
    model = ScriptedModel()
    clip = voice((0, 40), seconds=40)
    clip[round(33.9 * SOUND_RATE) : round(34.1 * SOUND_RATE)] = 100
    heard = scripted(model).hear(clip, begin=0.0, until=30.0)
    assert heard.until == pytest.approx(34.0, abs=0.05)
    assert sum(len(samples) for samples in model.heard) == round(heard.until * SOUND_RATE)
    assert all(len(samples) <= WINDOW * SOUND_RATE for samples in model.heard)


def test_a_monologue_goes_on_from_stretch_to_stretch_without_loss(scripted):
    model = ScriptedModel()
    reader = scripted(model)
    clip = voice((0, 125), seconds=125)
    begin = 0.0
    for until in (30.0, 60.0, 90.0, 120.0, math.inf):
        sound = clip[round(begin * SOUND_RATE) :]
        sound = sound if until == math.inf else sound[: round((until + OVERHANG - begin) * SOUND_RATE)]
        heard = reader.hear(sound, begin=begin, until=until)
        assert min(until, 125.0) <= heard.until <= until + OVERHANG
        begin = heard.until
    assert begin == 125.0
    assert sum(len(samples) for samples in model.heard) == len(clip)


def test_speech_at_the_end_of_the_clip_is_not_cut(scripted):
    assert scripted(ScriptedModel()).hear(voice((0, 36), seconds=36), begin=0.0, until=30.0).until == 36.0


def test_a_stretch_that_was_heard_already_is_not_heard_again(scripted):
    model = ScriptedModel()
    heard = scripted(model).hear(voice((0, 5), seconds=5), begin=31.0, until=30.0)
    assert (heard, model.heard) == (speech.Heard((), 31.0), [])


@pytest.mark.parametrize(
    ("model", "language", "is_clear"),
    [
        (ScriptedModel(segment()), "en", True),
        (ScriptedModel(segment(), probability=0.69), "", False),
        (ScriptedModel(segment(), language="de"), "de", False),
        (ScriptedModel(segment(), language="jw"), "jv", False),
        (ScriptedModel(segment(words=(0.9, 0.4))), "en", False),
        (ScriptedModel(segment(words=())), "en", False),
        (ScriptedModel(segment(logarithm=-1.1)), "en", False),
        (ScriptedModel(segment(repetition=2.5)), "en", False),
    ],
    ids=["clear", "unsure language", "another", "Javanese", "unsure words", "no words", "failed", "repeats itself"],
)
def test_what_is_unsure_is_not_clear(scripted, model, language, is_clear):
    (utterance,) = scripted(model).hear(voice((0, 1), seconds=1), begin=0.0).utterances
    assert (utterance.language, utterance.is_clear) == (language, is_clear)


def test_one_clear_sentence_among_many_that_are_not_is_not_believed(scripted):
    model = ScriptedModel(segment("good", 0, 1), segment("bad", 1, 2, words=(0.3, 0.3, 0.3)))
    heard = scripted(model).hear(voice((0, 2), seconds=2), begin=0.0)
    assert [(utterance.text, utterance.is_clear) for utterance in heard.utterances] == [("good", False), ("bad", False)]
    assert heard.utterances[0].confidence == pytest.approx(0.9)


def test_one_bad_sentence_among_many_that_are_clear_is_marked_alone(scripted):
    model = ScriptedModel(segment("good", 0, 1, words=(0.95,) * 9), segment("bad", 1, 2, words=(0.5,)))
    heard = scripted(model).hear(voice((0, 2), seconds=2), begin=0.0)
    assert [utterance.is_clear for utterance in heard.utterances] == [True, False]


def test_speech_without_words_is_told_of(scripted):
    model = ScriptedModel(segment("before", 0.0, 2.0), segment("after", 6.0, 8.0))
    heard = scripted(model).hear(voice((0, 12), seconds=12), begin=50.0)
    assert [(utterance.text, utterance.begin, utterance.end) for utterance in heard.utterances] == [
        ("before", 50.0, 52.0),
        ("", 52.0, 56.0),
        ("after", 56.0, 58.0),
        ("", 58.0, 62.0),
    ]
    assert heard.utterances[1] == Utterance(52.0, 56.0, "", "", 0.0, is_clear=False)


def test_a_short_noise_without_words_is_not_told_of(scripted):
    seconds = UNHEARD + 2 * MARGIN - 0.1
    heard = scripted(ScriptedModel(segment("end", seconds, seconds + 1))).hear(voice((0, 4), seconds=4), begin=0.0)
    assert heard.utterances[0].text == "end"


def test_a_model_that_does_not_get_on_is_stopped(scripted):
    segments = [segment(f"{number}", number, number + 1, seek=number * 100) for number in range(9)]
    heard = scripted(ScriptedModel(*segments)).hear(voice((0, 9), seconds=9), begin=0.0)
    assert [utterance.text for utterance in heard.utterances] == [*(str(n) for n in range(MOST_PASSES)), ""]


def test_a_short_sound_may_not_have_many_words(scripted):
    model = ScriptedModel()
    reader = scripted(model)
    for seconds in (1, 10, 29):
        reader.hear(voice((0, seconds), seconds=seconds), begin=0.0)
    assert [options["max_new_tokens"] for options in model.asked] == [42, 150, 224]


@pytest.mark.parametrize(
    ("stated", "probability", "asked"),
    [("", 0.5, "en"), ("de", 0.5, "de"), ("de-AT", 0.5, "de"), ("DE", 0.5, "de"), ("xx", 0.5, "en"), ("de", 0.9, "en")],
)
def test_a_stated_language_counts_where_it_cannot_be_heard(scripted, stated, probability, asked):
    model = ScriptedModel(probability=probability)
    heard = scripted(model).hear(voice((0, 2), seconds=2), begin=0.0, language=stated)
    assert model.asked[0]["language"] == asked
    assert heard.utterances[0].is_clear == (probability > 0.7)


def test_the_same_clip_gets_the_same_words(scripted):
    model = ScriptedModel()
    scripted(model).hear(voice((0, 2), seconds=2), begin=0.0)
    options = model.asked[0]
    assert (options["temperature"], options["beam_size"]) == ([0.0], 5)
    assert options["condition_on_previous_text"] is False


def test_threads_share_one_listener(scripted):
    reader = scripted(ScriptedModel(segment()))
    clips = [voice((0, seconds), seconds=seconds + 1) for seconds in (1, 2, 3, 4)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda clip: reader.hear(clip, begin=0.0), clips))
    assert together == [reader.hear(clip, begin=0.0) for clip in clips]


def test_what_was_encoded_last_is_not_encoded_again():
    done = []
    encode = speech._once(lambda features: done.append(features) or len(done), tail=500)
    one, other = np.zeros((80, 3_000)), np.ones((80, 3_000))
    assert [encode(one), encode(one.copy()), encode(other), encode(one)] == [1, 1, 2, 3]


@pytest.mark.parametrize(
    ("frames", "encoded"), [(0, 500), (1, 502), (100, 600), (101, 602), (2_499, 3_000), (3_000,) * 2]
)
def test_only_so_much_is_encoded_after_the_sound(frames, encoded):
    encode = speech._once(lambda features: features, tail=500)
    features = np.zeros((80, 3_000))
    features[7, :frames] = 0.5
    assert np.array_equal(encode(features), features[:, :encoded])


# ---- what it is made of ----


def test_the_version_names_code_network_and_package():
    assert listener().version.startswith("2+d01c3014881c.faster-whisper-1.")


def test_the_name_of_a_model_is_refused_at_once():
    with pytest.raises(ConfigurationError) as caught:
        SpeechReader("large-v3", cache_folder=CACHE)
    assert (caught.value.code, caught.value.field) == ("speech.model", "audio.speech")
    assert caught.value.remedy


def test_without_its_package_it_says_so(monkeypatch):
    monkeypatch.setattr(speech, "find_spec", lambda name: None if name == "faster_whisper" else find_spec(name))
    with pytest.raises(ConfigurationError, match="evenhand\\[speech\\]") as caught:
        fresh()
    assert caught.value.code == "detector.package"


@pytest.fixture
def own_folder(tmp_path):
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (tmp_path / name).write_bytes(json.dumps({}).encode())
    return tmp_path


def test_a_model_of_ones_own_has_a_version_of_its_own(own_folder):
    assert SpeechReader(str(own_folder)).version.startswith("2+44136fa355b3.faster-whisper-1.")


def test_a_model_that_cannot_be_loaded_is_named(own_folder):
    reader = SpeechReader(str(own_folder))
    with pytest.raises(ConfigurationError, match="cannot be loaded") as caught:
        reader._whisper.write(np.zeros(16_000, np.float32), "")
    assert (caught.value.code, caught.value.field) == ("speech.model", "audio.speech")
    (own_folder / "model.bin").unlink()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        _ = reader.version


def test_a_model_that_takes_everything_for_english_is_refused(monkeypatch, own_folder):
    import faster_whisper

    model = SimpleNamespace(model=SimpleNamespace(is_multilingual=False))
    monkeypatch.setattr(faster_whisper, "WhisperModel", lambda *_, **__: model)
    with pytest.raises(ConfigurationError, match="for English") as caught:
        SpeechReader(str(own_folder))._whisper.write(np.zeros(16_000, np.float32), "")
    assert caught.value.code == "speech.model"
