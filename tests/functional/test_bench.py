"""The benchmarks measure every layer for real; what they measure is not judged here."""

import wave

import pytest

from evenhand.cli.bench_image import DECODING, NO_WORDS, PRECISE_WORDS, WORDS, bench_image
from evenhand.cli.bench_image import ENGINE as IMAGE_ENGINE
from evenhand.cli.bench_text import DETECTORS, ENGINE, HTTP, MODEL, SERVICE, bench_text
from evenhand.content.clip import SOUND_RATE
from evenhand.detectors.audio.speech import SpeechReader
from evenhand.detectors.registry import load_detectors, missing_packages
from speech import spoken


def test_every_layer_is_measured_and_summed_up():
    report = bench_text(seconds=1, texts=32)
    timings = {row["name"]: row for row in report["timings"]}
    assert {MODEL, DETECTORS, ENGINE, SERVICE, HTTP} <= set(timings)
    for row in timings.values():
        assert 0 < row["p50"] <= row["p95"] <= row["p99"]
        assert row["single_per_second"] > 0
        assert row["batch_per_second"] > 0
    assert all(report["summary"].values())


def test_every_detector_of_images_is_measured_and_summed_up():
    report = bench_image(seconds=1)
    steps = {
        DECODING,
        "image.open_nsfw",
        "image.safety",
        "image.codes",
        WORDS,
        PRECISE_WORDS,
        IMAGE_ENGINE,
        NO_WORDS,
    }
    assert steps <= set(report["milliseconds"])
    assert all(value > 0 for value in report["milliseconds"].values())
    assert all(report["summary"].values())


def test_the_engine_reads_words_by_the_larger_networks_when_asked(monkeypatch):
    asked = {}

    def load(*, options):
        asked.update(options)
        return load_detectors([WORDS, "image.codes"], options=options)

    monkeypatch.setattr("evenhand.cli.bench_image.load_detectors", load)
    report = bench_image(seconds=1, precise_words=True)
    assert asked == {WORDS: {"precise": True}}
    assert {WORDS, PRECISE_WORDS, IMAGE_ENGINE} <= report["milliseconds"].keys()


def test_every_step_of_a_clip_is_measured_beside_plain_decoding():
    from evenhand.cli.bench_media import DECODING as CLIP_DECODING
    from evenhand.cli.bench_media import JUDGING, PICTURES, PLAIN_DECODING, SPEECH, bench_media

    report = bench_media(None, seconds=2)
    steps = {step["name"]: step for step in report["steps"]}
    assert steps[CLIP_DECODING]["seconds"] > 0
    assert steps[PICTURES]["seconds"] > 0
    assert {SPEECH, JUDGING} <= set(steps)
    assert sum(step["share"] for step in report["steps"][:-1]) == pytest.approx(1)
    assert report["clip"]["seconds"] == pytest.approx(2, abs=0.1)
    assert [baseline["name"] for baseline in report["baselines"]] == [PLAIN_DECODING]
    assert report["baselines"][0]["real_time"] > 0
    assert min(report["megabytes"].values()) > 0


@pytest.mark.skipif(bool(missing_packages(SpeechReader)), reason="evenhand[speech] is not installed")
def test_speech_is_measured_beside_faster_whisper_alone(tmp_path):
    from evenhand.cli.bench_media import PLAIN_SPEECH, SPEECH, bench_media

    path = tmp_path / "said.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SOUND_RATE, 0, "NONE", ""))
        file.writeframes(spoken("The train to the coast leaves at nine in the morning.").tobytes())
    report = bench_media(path)
    taken = {row["name"]: row["seconds"] for row in (*report["steps"], *report["baselines"])}
    assert report["clip"]["utterances"] == 1
    assert 0 < taken[SPEECH] < taken["all of it"]
    assert taken[PLAIN_SPEECH] > 0
