import hashlib
import json

import pytest
from click.testing import CliRunner

from databases import store_in
from drawings import encoded, landscape, note
from evenhand.cli.eval_image import command
from evenhand.core.bank import Algorithm, BankKind, Entry
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.detectors.image.words import WordsReader


@pytest.fixture
def folder(tmp_path):
    for name, drawn in {"harmless/a": landscape(), "harassment/b": note("you are an idiot")}.items():
        path = tmp_path / f"{name}.png"
        path.parent.mkdir()
        path.write_bytes(encoded(drawn))
    (tmp_path / "harmless/note.txt").write_text("no picture")
    return tmp_path


def run(folder, *options):
    ended = CliRunner().invoke(command, [str(folder), "--detectors", "text.lexicon,image.words", *options])
    if ended.exception:
        raise ended.exception
    return ended.output


def test_figures_are_printed_by_folder_and_by_label(folder):
    lines = run(folder).splitlines()
    assert lines[0] == "3 images"
    assert "  not screened, image.format: 1" in lines
    assert any(line.startswith("  harmless                0.0%") for line in lines)
    assert any(line.startswith("  harassment              100.0%") and "(harassment 1)" in line for line in lines)
    assert any(line.startswith("  AUC 1.000") for line in lines)


def test_json_has_the_same_figures(folder):
    report = json.loads(run(folder, "--json"))
    assert report["labels"]["harassment"]["found"]["0.5"]["value"] == 1.0
    assert set(report["detectors"]) == {"text.lexicon", "image.words"}


def test_a_folder_that_names_no_label_is_refused(folder):
    (folder / "harmless").rename(folder / "nice")
    with pytest.raises(ConfigurationError) as caught:
        run(folder)
    assert caught.value.code == "folder.label"


def test_words_are_read_more_precisely_when_asked(folder):
    report = json.loads(run(folder, "--json", "--precise-words"))
    assert report["detectors"]["image.words"] == WordsReader(precise=True).version


def test_the_banks_of_the_data_folder_count(folder, tmp_path):
    data = tmp_path / ".data"
    store = store_in(data)
    store.banks.create(name="adverts", owner="", kind=BankKind.BLOCK, label=Label.SCAM, distance=0)
    known = (folder / "harmless/a.png").read_bytes()
    store.banks.put("adverts", [Entry(Algorithm.SHA256, hashlib.sha256(known).digest())], source="tests")
    store.close()
    report = json.loads(run(folder, "--json", "--detectors", "image.hash_bank", "--data-folder", str(data)))
    assert report["folders"]["harmless"]["scores"]["scam"]["highest"] == 1.0
