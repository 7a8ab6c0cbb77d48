import json

import numpy as np
import pytest
from PIL import Image

from databases import store_in
from evenhand.cli.banks import command
from evenhand.core.errors import ConfigurationError, InputError, NotFoundError

LOOK = "f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22"
OLD = "098f6bcd4621d373cade4e832627b4f6"


@pytest.fixture
def banks(run, tmp_path):
    return lambda name, *arguments, **options: run(
        command, name, *map(str, arguments), "--data-folder", str(tmp_path / "banks"), **options
    )


@pytest.fixture
def memes(banks):
    banks("create", "memes", "--label", "scam", "--owner", "ads team")
    return banks


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return path

    return write


@pytest.fixture
def picture(tmp_path):
    def draw(name="advert.png", seed=1, kind=None):
        pixels = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8).repeat(40, 0).repeat(40, 1)
        Image.fromarray(pixels if kind is None else np.full_like(pixels, 90)).save(tmp_path / name)
        return tmp_path / name

    return draw


def listed(banks):
    return json.loads(banks("list", "--json").output)


def test_a_new_bank_is_listed_empty_and_enabled(banks):
    made = banks("create", "memes", "--label", "scam", "--owner", "ads team", "--distance", "20")
    assert made.output == "The bank memes is there, and empty.\n"
    (bank,) = listed(banks)
    assert {name: bank[name] for name in ("name", "owner", "kind", "label", "distance", "is_enabled", "entries")} == {
        "name": "memes",
        "owner": "ads team",
        "kind": "block",
        "label": "scam",
        "distance": 20,
        "is_enabled": True,
        "entries": {},
    }
    assert banks("list").output == "memes  scam  distance 20  empty  enabled  ads team\n"


def test_json_of_a_new_bank_is_its_row_of_the_list(banks):
    made = json.loads(banks("create", "harmless", "--kind", "allow", "--json").output)
    assert [made] == listed(banks)
    assert (made["kind"], made["label"], made["distance"]) == ("allow", None, 31)


def test_the_list_of_no_banks_is_empty(banks):
    assert banks("list").output == ""
    assert listed(banks) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("memes",), "bank.label"),
        (("faces", "--label", "hate"), "bank.people"),
        (("A", "--label", "hate"), "bank.name"),
    ],
)
def test_what_no_bank_can_be_is_refused(banks, arguments, code):
    assert banks("create", *arguments).exception.code == code
    assert listed(banks) == []


@pytest.mark.parametrize("wrong", [("--label", "TOXICITY"), ("--distance", "32"), ("--kind", "grey")])
def test_a_wrong_option_is_a_wrong_call(banks, wrong):
    assert banks("create", "memes", *wrong).exit_code == 2


def test_a_list_is_imported_once(memes, file):
    path = file("list.csv", f"hash,algorithm,id\n{LOOK},pdq,7\n{OLD},md5,8\n")
    assert memes("import", "memes", path).output == "2 added, 0 updated, 0 removed, 0 there already.\n"
    again = memes("import", "memes", path, "--json")
    assert json.loads(again.output) == {
        "added": 0,
        "updated": 0,
        "removed": 0,
        "unchanged": 2,
        "unusable": {},
        "rejected": [],
    }
    assert listed(memes)[0]["entries"] == {"pdq": 1, "md5": 1}
    assert "1 md5, 1 pdq" in memes("list").output
    assert memes("import", "memes", path, "--source", "other").output.startswith("0 added, 2 updated")


def test_form_and_algorithm_can_be_named(memes, file):
    path = file("list.dat", LOOK)
    assert memes("import", "memes", path, "--format", "text", "--algorithm", "sha256").exit_code == 0
    assert listed(memes)[0]["entries"] == {"sha256": 1}
    assert isinstance(memes("import", "memes", path, "--format", "json").exception, ConfigurationError)


def test_rows_that_cannot_be_read_are_told_and_the_others_imported(memes, file):
    lines = [OLD, *["broken"] * 25]
    path = file("list.txt", "\n".join(lines))
    ended = memes("import", "memes", path, "--algorithm", "pdq")
    assert ended.exit_code == 3
    assert ended.stdout == "1 added, 0 updated, 0 removed, 0 there already. 25 rows could not be read.\n"
    told = ended.stderr.splitlines()
    assert told[0] == "Row 2: its hash is no pdq in hex."
    assert told[-1] == "And 5 more; --json names them all."
    assert len(told) == 21
    rejected = json.loads(memes("import", "memes", path, "--algorithm", "pdq", "--json").stdout)["rejected"]
    assert [row["row"] for row in rejected] == list(range(2, 27))


def test_rows_of_no_use_are_counted_and_no_error(memes, file):
    rows = [{"hash": "x", "type": kind} for kind in ("SHA1", "PDNA", "SHA1")]
    path = file("list.json", json.dumps([*rows, {"hash": OLD}]))
    ended = memes("import", "memes", path)
    assert ended.exit_code == 0
    assert ended.stderr == "2 not usable: 'SHA1' is not matched here.\n1 not usable: 'PDNA' is not matched here.\n"
    unusable = json.loads(memes("import", "memes", path, "--json").stdout)["unusable"]
    assert unusable == {"'SHA1' is not matched here": 2, "'PDNA' is not matched here": 1}


def test_what_is_not_there_is_told(memes, file, tmp_path):
    assert isinstance(memes("import", "none", file("list.txt", OLD)).exception, NotFoundError)
    assert isinstance(memes("import", "memes", tmp_path / "none.txt").exception, ConfigurationError)
    for name in ("enable", "disable", "remove"):
        assert isinstance(memes(name, "none").exception, NotFoundError)
    assert isinstance(memes("add", "none", tmp_path / "none.png").exception, NotFoundError)


def test_pictures_are_added_by_file_and_look(memes, picture):
    first, second = picture(), picture("banner.png", seed=2)
    ended = memes("add", "memes", first, second)
    assert ended.output.splitlines() == [
        f"{first}: 1 sha256, 1 pdq",
        f"{second}: 1 sha256, 1 pdq",
        "4 added, 0 updated, 0 removed, 0 there already.",
    ]
    assert listed(memes)[0]["entries"] == {"pdq": 2, "sha256": 2}
    again = json.loads(memes("add", "memes", first, "--json").output)
    assert again["pictures"] == {str(first): {"sha256": 1, "pdq": 1}}
    assert (again["added"], again["unchanged"]) == (0, 2)


def test_a_picture_that_shows_too_little_is_added_by_its_file_alone_and_that_is_said(memes, picture):
    path = picture("flat.png", kind="flat")
    assert memes("add", "memes", path).output.startswith(
        f"{path}: 1 sha256; it shows too little to be known by its look\n"
    )
    assert listed(memes)[0]["entries"] == {"sha256": 1}


def test_every_frame_of_an_animation_is_added(memes, tmp_path):
    frames = [
        Image.fromarray(
            np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8).repeat(40, 0).repeat(40, 1)
        )
        for seed in (1, 2, 1)
    ]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:], duration=100)
    counts = json.loads(memes("add", "memes", tmp_path / "moving.gif", "--json").output)["pictures"]
    assert counts == {str(tmp_path / "moving.gif"): {"sha256": 1, "pdq": 2}}


def test_what_is_no_picture_or_not_there_adds_nothing(memes, picture, file, tmp_path):
    for wrong in (file("no.png", "no picture"), tmp_path / "none.png"):
        ended = memes("add", "memes", picture(), wrong)
        assert isinstance(ended.exception, InputError)
        assert str(wrong) in str(ended.exception)
    assert listed(memes)[0]["entries"] == {}


def test_known_abuse_is_matched_by_supplied_lists_only(banks, picture, file):
    banks("create", "supplied", "--label", "sexual/minors")
    assert banks("add", "supplied", picture()).exception.code == "bank.supplied_only"
    assert banks("import", "supplied", file("list.txt", OLD)).exit_code == 0
    assert listed(banks)[0]["entries"] == {"md5": 1}


@pytest.mark.parametrize("arguments", [(), ("create",), ("add",)])
def test_help_says_what_a_bank_is_for(run, arguments):
    shown = " ".join(run(command, *arguments, "--help").output.split())
    assert "never for people" in shown or "never of people" in shown


def test_a_bank_can_be_disabled_and_enabled(memes):
    assert memes("disable", "memes").output == "The bank memes is disabled.\n"
    assert "disabled" in memes("list").output
    assert json.loads(memes("enable", "memes", "--json").output) == {"bank": "memes", "is_enabled": True}
    assert memes("enable", "memes").output == "The bank memes is enabled.\n"


def test_a_bank_is_removed_when_that_is_confirmed(memes, file):
    memes("import", "memes", file("list.txt", OLD))
    assert memes("remove", "memes", input="n\n").exit_code == 1
    assert len(listed(memes)) == 1
    assert memes("remove", "memes", input="y\n").stdout == "The bank memes is removed. Entries removed: 1.\n"
    assert listed(memes) == []


def test_it_is_not_asked_with_yes(memes):
    assert json.loads(memes("remove", "memes", "--yes", "--json").output) == {"bank": "memes", "removed": 0}


def test_single_entries_are_removed_without_asking(memes, file, tmp_path):
    memes("import", "memes", file("list.txt", OLD))
    store = store_in(tmp_path / "banks")
    ((entry,),) = store.banks.changes(1, after=0, now=store.banks.get("memes").created_at)
    store.close()
    assert memes("remove", "memes", "--entry", entry.id, "--entry", 99).output == "Entries removed: 1.\n"
    assert listed(memes)[0]["entries"] == {}
