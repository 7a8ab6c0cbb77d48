import itertools
import json

import pytest

from evenhand.bulk.local import screen_file
from evenhand.bulk.rows import Fields
from evenhand.core.errors import ConfigurationError
from evenhand.service.screener import Screener
from fakes.detectors import ScriptedDetector


@pytest.fixture(scope="module")
def screener():
    with Screener(detectors=["text.lexicon"]) as made:
        yield made


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.jsonl"
    lines = [{"text": f"text {number}: you are an idiot" if number % 3 else "good"} for number in range(600)]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def lines_of(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def refused(source, output, screener, **options):
    with pytest.raises(ConfigurationError) as caught:
        screen_file(source, output, screener, **options)
    return caught.value.code


def test_there_is_one_line_for_each_row_in_order_and_bad_rows_are_errors(tmp_path, screener):
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b'{"text": "hello", "n": "a"}\nnothing\n{"text": "", "n": "b"}\n{"text": "good", "n": 4}\n')
    counts = screen_file(source, output, screener, fields=Fields(id="n"))
    lines = lines_of(output)
    assert [(line["row"], line["id"]) for line in lines] == [(0, "a"), (1, ""), (2, "b"), (3, "4")]
    assert [line["error"]["code"] for line in lines[1:3]] == ["row.not_json", "text.empty"]
    assert counts == {"allow": 2, "error": 2}


def test_the_counts_are_those_of_the_lines(tmp_path, source, screener):
    counts = screen_file(source, tmp_path / "out.jsonl", screener)
    actions = [line["action"] for line in lines_of(tmp_path / "out.jsonl")]
    assert counts == {action: actions.count(action) for action in set(actions)}
    assert len(counts) > 1


@pytest.mark.parametrize("kept", [0, 1, 5_000, 40_001, 10**9])
def test_a_run_cut_anywhere_and_continued_gives_the_same_bytes(tmp_path, source, screener, kept):
    output = tmp_path / "out.jsonl"
    whole = screen_file(source, output, screener)
    expected = output.read_bytes()
    output.write_bytes(expected[:kept])
    assert screen_file(source, output, screener) == whole
    assert output.read_bytes() == expected


def test_all_detectors_give_the_same_bytes_wherever_the_run_was_cut(tmp_path, source):
    output = tmp_path / "out.jsonl"
    with Screener() as screener:
        screen_file(source, output, screener)
        expected = output.read_bytes()
        output.write_bytes(expected[:30_123])
        screen_file(source, output, screener)
    assert output.read_bytes() == expected


def test_a_run_that_is_done_does_nothing(tmp_path, source, screener):
    output = tmp_path / "out.jsonl"
    screen_file(source, output, screener)
    steps = []
    screen_file(source, output, screener, advance=steps.append)
    assert steps == [600]


def test_the_progress_adds_up_to_all_rows(tmp_path, source, screener):
    steps = []
    screen_file(source, tmp_path / "out.jsonl", screener, advance=steps.append)
    assert list(itertools.accumulate(steps)) == [0, 256, 512, 600]


def test_an_output_of_another_input_is_left_alone_until_a_restart_is_asked_for(tmp_path, source, screener):
    output = tmp_path / "out.jsonl"
    screen_file(source, output, screener)
    before = output.read_bytes()
    source.write_text('{"text": "good"}\n', encoding="utf-8")
    assert refused(source, output, screener) == "output.other_run"
    assert output.read_bytes() == before
    assert screen_file(source, output, screener, restart=True) == {"allow": 1}
    assert len(lines_of(output)) == 1


def test_an_output_of_another_policy_field_or_detector_is_left_alone(tmp_path, source, screener):
    output = tmp_path / "out.jsonl"
    screen_file(source, output, screener)
    assert refused(source, output, screener, fields=Fields("body")) == "output.other_run"
    policy = tmp_path / "mine.yaml"
    policy.write_text("name: mine\nthresholds:\n  harassment: {review: 0.5}\n", encoding="utf-8")
    with Screener(policy, detectors=["text.lexicon"]) as other:
        assert refused(source, output, other) == "output.other_run"
    with Screener(detectors=[ScriptedDetector.id], plugins=["fakes.detectors:ScriptedDetector"]) as other:
        assert refused(source, output, other) == "output.other_run"


def test_a_file_that_evenhand_did_not_make_is_left_alone(tmp_path, source, screener):
    output = tmp_path / "out.jsonl"
    output.write_text('{"mine": 1}\n', encoding="utf-8")
    assert refused(source, output, screener) == "output.other_run"
    assert output.read_text(encoding="utf-8") == '{"mine": 1}\n'


@pytest.mark.parametrize("restart", [False, True])
def test_the_input_is_never_the_output(source, screener, restart):
    before = source.read_bytes()
    assert refused(source, source, screener, restart=restart) == "output.is_input"
    assert source.read_bytes() == before


def test_an_output_that_cannot_be_written_is_refused(tmp_path, source, screener):
    assert refused(source, tmp_path / "nowhere" / "out.jsonl", screener) == "output.unwritable"
    (tmp_path / "folder.jsonl").mkdir()
    assert refused(source, tmp_path / "folder.jsonl", screener, restart=True) == "output.unwritable"


def test_a_missing_input_is_refused_and_leaves_no_output(tmp_path, screener):
    assert refused(tmp_path / "none.jsonl", tmp_path / "out.jsonl", screener) == "file.unreadable"
    assert not (tmp_path / "out.jsonl").exists()
