import pytest

from evenhand.cli.timing import BATCH, Stopwatch, sample_texts


def test_sample_texts_are_the_same_for_the_same_seed_and_about_as_long_as_asked():
    texts = sample_texts(80)
    assert texts == sample_texts(80)
    assert texts != sample_texts(80, seed=1)
    lengths = [len(text.split()) for text in texts]
    assert sum(lengths) / len(lengths) == pytest.approx(33, abs=4)


def measured(calls, count=2 * BATCH):
    stopwatch = Stopwatch(calls)
    stopwatch.measure(sample_texts(count), seconds=0)
    return stopwatch


def test_every_way_is_timed_on_the_same_texts_one_by_one_and_in_batches():
    seen = {"one": [], "other": []}
    stopwatch = measured({name: lambda texts, name=name: seen[name].append(tuple(texts)) for name in seen})
    assert [timing.name for timing in stopwatch.timings()] == ["one", "other"]
    assert seen["one"] == seen["other"]
    assert {len(texts) for texts in seen["one"]} == {1, BATCH}
    assert {text for texts in seen["one"] for text in texts} == set(sample_texts(2 * BATCH))


def test_the_figures_are_in_order_and_in_their_units():
    (timing,) = measured({"one": lambda texts: sum(range(2_000))}).timings()
    assert 0 < timing.p50 <= timing.p95 <= timing.p99
    assert timing.single_per_second == pytest.approx(1_000 / timing.p50, rel=0.2)
    assert timing.batch_per_second > timing.single_per_second


def test_overhead_is_what_a_batch_takes_longer_turn_by_turn(monkeypatch):
    # A clock that each call moves on by what it takes, twice as much in every second turn.
    clock = [0.0]
    monkeypatch.setattr("evenhand.cli.timing.time.perf_counter", lambda: clock[0])
    calls = {"quick": 0, "slow": 0}

    def call(name, cost):
        def take(texts):
            calls[name] += len(texts) > 1
            clock[0] += cost * (1 + calls[name] % 2)

        return take

    stopwatch = measured({"quick": call("quick", 1.0), "slow": call("slow", 1.25)}, 8 * BATCH)
    assert stopwatch.overhead("slow", "quick") == pytest.approx(0.25)
    assert stopwatch.overhead("quick", "slow") == pytest.approx(-0.2)
