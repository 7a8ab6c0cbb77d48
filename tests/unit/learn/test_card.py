import json

import pytest

from evenhand.detectors.text.toxicity import WEIGHTS
from evenhand.learn.card import figures_of, write_card
from evenhand.learn.corpora import SOURCES
from evenhand.learn.evaluate import read_dev_sets
from evenhand.learn.measures import Figure
from evenhand.learn.train import HeldOut, Trained


@pytest.fixture(scope="module")
def figures(data_folder):
    rows = {source.name: 7 for source in SOURCES} | {"evenhand sentences: insults": 5}
    held_out = HeldOut("TOXICITY", "edos", Figure(0.9123, 0.9, 0.95, 50, 20), Figure(0.5, 0.4, 0.6, 50, 20))
    trained = Trained(model=None, rows=rows, held_out=(held_out,))
    return figures_of(trained, read_dev_sets(data_folder), weights=WEIGHTS, seed=11)


def test_figures_fit_into_json_and_name_the_weights(figures):
    assert json.loads(json.dumps(figures)) == figures
    assert figures["bytes"] == WEIGHTS.stat().st_size
    assert figures["seed"] == 11


def test_the_card_has_every_table(figures):
    card = write_card(figures)
    assert card.count("<!--") == 1, "only the note on how the page is made is left of the marks"
    assert figures["sha256"] in card
    assert "| `TOXICITY` | edos | 0.912 (0.900 to 0.950) | 0.500 (0.400 to 0.600) | 50 | 20 |" in card


def test_the_card_names_every_source_with_its_licence(figures):
    card = write_card(figures)
    assert all(f"| {source.name} | 7 | {source.weight:g} | {source.licence} |" in card for source in SOURCES)


def test_the_card_breaks_figures_down_by_type_and_by_word(figures):
    card = write_card(figures)
    assert "| homonyms | 30 |" in card
    assert "| very tall | 2 |" in card
