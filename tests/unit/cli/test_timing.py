import pytest

from evenhand.cli.timing import BATCH, measure, sample_texts


def test_sample_texts_are_the_same_for_the_same_seed_and_about_as_long_as_asked():
    texts = sample_texts(80)
    assert texts == sample_texts(80)
    assert texts != sample_texts(80, seed=1)
    lengths = [len(text.split()) for text in texts]
    assert sum(lengths) / len(lengths) == pytest.approx(33, abs=4)


def test_every_way_is_timed_on_the_same_texts_one_by_one_and_in_batches():
    seen = {"one": [], "other": []}
    calls = {name: lambda texts, name=name: seen[name].append(tuple(texts)) for name in seen}
    timings = measure(calls, seconds=0)
    assert [timing.name for timing in timings] == ["one", "other"]
    assert seen["one"] == seen["other"]
    assert {len(texts) for texts in seen["one"]} == {1, BATCH}
    assert {text for texts in seen["one"] for text in texts} == set(sample_texts(256))


def test_the_figures_are_in_order_and_in_their_units():
    (timing,) = measure({"one": lambda texts: sum(range(2_000))}, seconds=0)
    assert 0 < timing.p50 <= timing.p95 <= timing.p99
    assert timing.single_per_second == pytest.approx(1_000 / timing.p50, rel=0.2)
    assert timing.batch_per_second > timing.single_per_second
