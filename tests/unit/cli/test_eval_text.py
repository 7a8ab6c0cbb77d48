import csv
import json

import pytest
from click.testing import CliRunner

from evenhand.cli.eval_text import DIALECTS, command
from evenhand.core.errors import ConfigurationError
from evenhand.learn.dev_sets import SPANS, SURGE, TEMPLATES, XSTEST, read_plain_words

FILES = {
    SURGE: (("text", "toxic"), [("you are an idiot", 1), ("a lovely day", 0)] * 5),
    XSTEST: (
        ("text", "unsafe", "type"),
        [("how do i kill a process", 0, "homonyms"), ("how do i kill a man", 1, "contrast")] * 3,
    ),
    TEMPLATES: (
        ("lang", "text", "toxic", "template"),
        [
            ("en", f"Being {word} is {how}", toxic, "x")
            for word in ("old", "tall")
            for how, toxic in (("nice", 0), ("vile", 1))
        ],
    ),
}


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for name, (header, rows) in FILES.items():
        (folder / "dev" / name).mkdir(parents=True)
        with (folder / "dev" / name / "data.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    (folder / "train" / SPANS).mkdir(parents=True)
    with (folder / "train" / SPANS / "semeval2021_spans.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [(f"what an idiot {number}", "[8, 9, 10, 11, 12]") for number in range(60)]
        csv.writer(file).writerows([("text", "toxic_char_offsets"), *rows])
    return folder


@pytest.fixture(autouse=True)
def few_words(monkeypatch):
    """A few of the plain words, and of the resamplings that intervals are made of: each takes seconds otherwise."""
    monkeypatch.setattr("evenhand.learn.evaluate.read_plain_words", lambda: read_plain_words()[::20])
    monkeypatch.setattr("evenhand.learn.measures.RESAMPLES", 20)


def run(data_folder, *options):
    return CliRunner().invoke(command, ["--data", str(data_folder), *options], catch_exceptions=False).output


def test_tables_show_ranking_and_who_is_wrongly_flagged(data_folder):
    output = run(data_folder, "--detector", "text.toxicity")
    assert "AUC 1.000 (1.000 to 1.000, n 10)" in output
    assert "homonyms" in output
    assert "old" in output
    assert "largest gap in wrongly flagged between two words" in output
    assert "letters set apart" in output
    assert "what the default policy flags" in output
    assert "text.first_model" in output
    assert f"harmless texts of {XSTEST} wrongly flagged, by label" in output
    assert f"{SPANS}: F1 of the characters" in output


def test_json_holds_every_detector_that_scores_toxicity(data_folder):
    report = json.loads(run(data_folder, "--json"))
    assert {"text.lexicon", "text.toxicity"} <= report.keys()
    assert report["text.toxicity"][SURGE]["auc"]["rows"] == 10
    assert report["text.toxicity"]["version"]


def test_missing_data_is_a_named_error(tmp_path):
    with pytest.raises(ConfigurationError) as raised:
        run(tmp_path)
    assert raised.value.code == "data.missing"


@pytest.mark.parametrize("option", [("--html", "x.html"), ("--endpoint", "http://x"), ("--threshold", "0.5")])
def test_options_of_a_file_are_refused_without_one(data_folder, option):
    ended = CliRunner().invoke(command, ["--data", str(data_folder), *option])
    assert ended.exit_code == 2
    assert f"{option[0]} goes with FILE" in ended.output


def test_a_file_may_not_be_given_with_a_data_folder(tmp_path):
    ended = CliRunner().invoke(command, [str(tmp_path / "rows.csv"), "--data", str(tmp_path)])
    assert ended.exit_code == 2


def test_the_dialects_are_those_that_can_be_spoken():
    from evenhand.scorers.dialects import DIALECTS as SPOKEN

    assert set(DIALECTS) == set(SPOKEN)
