import hashlib
import json

import pytest

from databases import store_in
from drawings import encoded, landscape
from evenhand.cli.screen import EXIT_BY_ACTION, command, make_screener
from evenhand.core.bank import Algorithm, BankKind, Entry
from evenhand.core.decision import Action
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.detectors.image.words import WordsReader
from fakes.chat import REASON, judge

RUDE = "you are an idiot"
LEXICON = ("--detectors", "text.lexicon")


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "name: mine\nthresholds:\n  harassment: {block: 0.5}\n  profanity: {review: 0.5}\n", encoding="utf-8"
    )
    return ("--policy", str(path))


def test_a_text_is_answered_for_people(run, policy):
    shown = run(command, *LEXICON, *policy, RUDE).output.splitlines()
    assert shown[0] == "block"
    assert shown[1].startswith("  harassment.block: ")
    assert shown[1].endswith(" >= 0.50 by text.lexicon")
    assert "harassment " in shown[2]
    assert len(shown) == 3


def test_a_rule_with_a_condition_says_why(run, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nrules: [{id: long, when: content.characters > 3, action: review}]\n", encoding="utf-8")
    assert run(command, *LEXICON, "--policy", str(path), RUDE).output.startswith(
        "review\n  long: its condition holds\n"
    )


def test_a_harmless_text_says_that_its_scores_are_low(run):
    assert run(command, *LEXICON, "good morning").output == "allow\n  scores: all below 0.20\n"


def test_explaining_quotes_the_evidence(run):
    assert "'you are an idiot' at 4-20 (lexicon:insults:" in run(command, *LEXICON, "--explain", f"Oh, {RUDE}").output


def test_json_has_one_line_for_each_text(run, policy):
    shown = run(command, *LEXICON, *policy, "--json", RUDE, "good").output.splitlines()
    assert [json.loads(line)["action"] for line in shown] == ["block", "allow"]


@pytest.mark.parametrize("texts", [(), ("-",)])
def test_lines_of_standard_input_are_texts(run, texts):
    called = run(command, *LEXICON, "--json", *texts, input=b"good\r\ncaf\xe9\n\nbye")
    answers = [json.loads(line) for line in called.output.splitlines()]
    assert [answer.get("action") or answer["error"]["code"] for answer in answers] == [
        "allow",
        "text.lone_surrogate",
        "text.empty",
        "allow",
    ]
    assert called.exit_code == 3


def test_a_text_that_cannot_be_screened_is_said_on_standard_error(run):
    called = run(command, *LEXICON, "", "good")
    assert called.stdout.startswith("allow")
    assert called.stderr.startswith("error: ")
    assert called.exit_code == 3


@pytest.mark.parametrize(
    ("texts", "code"),
    [(["good"], 0), (["good", "what the fuck"], 10), (["what the fuck", RUDE, "good"], 11), ([RUDE, ""], 3)],
)
def test_the_exit_code_tells_the_strictest_action_when_asked(run, policy, texts, code):
    assert run(command, *LEXICON, *policy, "--exit-code", *texts).exit_code == code


def test_without_asking_a_block_is_a_success(run, policy):
    assert run(command, *LEXICON, *policy, RUDE).exit_code == 0


def test_every_action_has_an_exit_code():
    assert list(EXIT_BY_ACTION) == list(Action)


def test_a_file_is_screened_into_another(run, tmp_path, policy):
    source, output = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text(f"n,body\n1,{RUDE}\n2,good\n", encoding="utf-8")
    call = (*LEXICON, *policy, "--input", str(source), "--output", str(output), "--text-field", "body")
    called = run(command, *call, "--id-field", "n", "--exit-code")
    assert called.stderr == "Screened: 1 allow, 1 block.\n"
    assert called.exit_code == 11
    assert [json.loads(line)["id"] for line in output.read_text(encoding="utf-8").splitlines()] == ["1", "2"]
    refused = run(command, *call)
    assert isinstance(refused.exception, ConfigurationError)
    assert json.loads(run(command, *call, "--restart", "--json").stdout) == {"block": 1, "allow": 1}


def test_a_row_that_cannot_be_screened_ends_with_3(run, tmp_path):
    (tmp_path / "in.jsonl").write_text("{}\n", encoding="utf-8")
    called = run(command, *LEXICON, "--input", str(tmp_path / "in.jsonl"), "--output", str(tmp_path / "out.jsonl"))
    assert (called.exit_code, called.stderr) == (3, "Screened: 1 error.\n")


def test_an_empty_file_is_no_error(run, tmp_path):
    (tmp_path / "in.jsonl").touch()
    called = run(command, *LEXICON, "--input", str(tmp_path / "in.jsonl"), "--output", str(tmp_path / "out.jsonl"))
    assert (called.exit_code, called.stderr) == (0, "Screened: nothing.\n")


@pytest.mark.parametrize(
    "call",
    [
        ("--input", "in.jsonl"),
        ("--output", "out.jsonl"),
        ("--output", "out.jsonl", "text"),
        ("--input", "in.jsonl", "--output", "out.jsonl", "text"),
    ],
)
def test_input_and_output_go_together_and_without_texts(run, call):
    assert run(command, *call).exit_code == 2


def test_the_output_must_be_json_lines(run, tmp_path):
    called = run(command, *LEXICON, "--input", "in.csv", "--output", str(tmp_path / "out.csv"))
    assert called.exception.code == "output.format"


def test_settings_of_texts_and_lists_are_obeyed(run, tmp_path):
    assert run(command, *LEXICON, "--setting", "max_text_bytes", "4", "12345").exit_code == 3
    assert "text.lexicon" in run(command, "--setting", "detectors", "text.lexicon", "--explain", "--json", RUDE).output
    assert run(command, *LEXICON, "--setting", "lexicon_folders", str(tmp_path / "none"), "x").exception.code


def test_a_detector_that_is_not_there_is_refused(run):
    assert isinstance(run(command, "--detectors", "text.nothing", "x").exception, ConfigurationError)


def second_look(url):
    return ("--setting", "second_look_url", url, "--setting", "second_look_model", "m")


@pytest.fixture
def borderline(tmp_path):
    """Return a policy to which the rude text is a borderline case."""
    path = tmp_path / "borderline.yaml"
    path.write_text("name: borderline\nthresholds:\n  harassment: {review: 0.9}\n", encoding="utf-8")
    return ("--policy", str(path))


def test_a_second_look_is_heeded_and_its_reason_explained(run, borderline):
    with judge(lambda _: True) as server:
        shown = run(command, *LEXICON, *borderline, *second_look(server.url), "--explain", RUDE).output
    assert "by second_look" in shown
    assert f"  harassment: {REASON} (second_look)\n" in shown


def test_a_second_look_that_fails_is_said(run, borderline):
    shown = run(command, *LEXICON, *borderline, *second_look("http://127.0.0.1:1"), RUDE).output
    assert "  notice: second_look.unavailable:unreachable\n" in shown


def test_a_file_is_asked_about_within_the_budget_and_knows_who_was_asked(run, tmp_path, borderline):
    source, output = tmp_path / "in.csv", tmp_path / "out.jsonl"
    source.write_text("text\n" + f"{RUDE}\n" * 5, encoding="utf-8")
    call = (*LEXICON, *borderline, "--input", str(source), "--output", str(output))
    with judge(lambda _: True) as server:
        run(command, *call, *second_look(server.url), "--setting", "second_look_calls_per_hour", "2")
        assert len(server.requests) == 2
    lines = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert sum(line["notices"] == ["second_look.unavailable:budget"] for line in lines) == 3
    assert run(command, *call).exception.code == "output.other_run"


@pytest.fixture
def images(tmp_path):
    """A folder with a known picture, another one, and a data folder with a bank that knows the first."""
    folder, data = tmp_path / "images", tmp_path / "data" / "evenhand"
    folder.mkdir()
    known = encoded(landscape(120, 90))
    (folder / "known.png").write_bytes(known)
    (folder / "other.png").write_bytes(encoded(landscape(120, 90, seed=3)))
    store = store_in(data)
    store.banks.create(name="adverts", owner="", kind=BankKind.BLOCK, label=Label.SCAM, distance=0)
    store.banks.put("adverts", [Entry(Algorithm.SHA256, hashlib.sha256(known).digest())], source="tests")
    store.close()
    return folder


BANKS = ("--detectors", "image.hash_bank", "--json")


def scores(called):
    return [json.loads(line)["scores"] for line in called.stdout.splitlines()]


def test_images_are_looked_up_in_the_banks_of_the_data_folder(run, images, tmp_path):
    assert scores(run(command, *BANKS, "--image", str(images))) == [{"scam": 1.0}, {"scam": 0.0}]
    empty = ("--data-folder", str(tmp_path / "empty"))
    refused = run(command, *BANKS, *empty, "--image", str(images / "known.png"))
    assert refused.exit_code == 3
    assert json.loads(refused.stdout)["error"]["code"] == "image.not_supported"
    assert not (tmp_path / "empty").exists()


def test_the_banks_of_a_database_that_is_named_count(run, images, tmp_path):
    database = ("--setting", "database_url", f"sqlite:///{tmp_path}/data/evenhand/evenhand.sqlite")
    empty = ("--data-folder", str(tmp_path / "empty"))
    assert scores(run(command, *BANKS, *empty, *database, "--image", str(images / "known.png"))) == [{"scam": 1.0}]
    gone = ("--setting", "database_url", f"sqlite:///{tmp_path}/gone.sqlite")
    assert run(command, *BANKS, *gone, "--image", str(images)).exception.code == "store.missing"


def test_for_texts_no_database_is_opened(run, tmp_path):
    gone = ("--setting", "database_url", f"sqlite:///{tmp_path}/gone.sqlite")
    assert run(command, "--detectors", "text.lexicon,image.hash_bank", *gone, "good").exit_code == 0


@pytest.mark.parametrize(
    ("setting", "precise_words", "is_precise"),
    [((), False, False), ((), True, True), ((("precise_words", "yes"),), False, True)],
)
def test_words_in_images_are_read_more_precisely_when_asked(setting, precise_words, is_precise):
    options = {"policy": None, "data_folder": None, "is_for_images": False}
    with make_screener(setting, detectors="image.words", precise_words=precise_words, **options) as screener:
        assert (screener.versions["image.words"] == WordsReader(precise=True).version) is is_precise
