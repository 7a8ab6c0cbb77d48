import json
from dataclasses import replace

import msgspec
import pytest

from evenhand.detectors.encoder import DESCRIPTION, NETWORK, Description
from evenhand.detectors.text.toxicity import MODEL
from evenhand.learn.card import figures_of, write_card
from evenhand.learn.corpora import SOURCES
from evenhand.learn.evaluate import read_dev_sets
from evenhand.learn.measures import Figure
from evenhand.learn.recipe import read_recipe
from evenhand.learn.trained import HeldOut, Trained

RECIPE = read_recipe()


@pytest.fixture(scope="module")
def figures(data_folder):
    rows = {source.name: 7 for source in SOURCES} | {"evenhand sentences: insults": 5}
    figure, precision = Figure(0.9123, 0.9, 0.95, 50, 20), Figure(0.5, 0.4, 0.6, 50, 20)
    held_out = (
        HeldOut("TOXICITY", "edos", figure, precision),
        HeldOut("INSULT", "evenhand sentences: x", figure, precision),
    )
    description = msgspec.json.decode((MODEL / DESCRIPTION).read_bytes(), type=Description)
    trained = Trained(description, rows, held_out)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evenhand.learn.measures.RESAMPLES", 20)
        return figures_of(trained, a_few(read_dev_sets(data_folder)), model=MODEL, recipe=RECIPE)


def a_few(sets):
    """Return a part of each kind of text: the card is to have every table, whatever stands in it."""
    surge, prompts, spans, words = sets.surge[20:40], sets.prompts[::5], sets.spans[:20], sets.words[::20]
    return replace(sets, surge=surge, prompts=prompts, spans=spans, words=words)


@pytest.fixture(scope="module")
def card(figures):
    return write_card(figures)


def test_figures_fit_into_json_and_name_the_network(figures):
    assert json.loads(json.dumps(figures)) == figures
    assert figures["network_bytes"] == (MODEL / NETWORK).stat().st_size < figures["bytes"]
    assert figures["recipe"]["seed"] == RECIPE.seed


def test_the_card_has_every_table(figures, card):
    assert card.count("<!--") == 1, "only the note on how the page is made is left of the marks"
    assert figures["sha256"] in card


def test_own_sentences_are_no_evidence_of_quality(card):
    assert "| `TOXICITY` | edos | 0.912 (0.900 to 0.950) | 0.500 (0.400 to 0.600) | 50 | 20 |" in card
    assert "evenhand sentences: x" not in card


def test_the_card_names_every_source_with_its_licence(card):
    for source in SOURCES:
        assert f"| {source.name} | 7 | {RECIPE.use_of(source.name).weight:g} | {source.licence} |" in card


def test_the_card_breaks_figures_down_by_type_and_by_word(card):
    assert "| homonyms | 6 |" in card
    assert "| contrast | 6 |" in card
    assert "| very tall | 2 |" in card


def test_the_first_model_and_a_known_small_one_stand_beside_it(figures):
    assert {"text.toxicity", "text.lexicon", "all together", "text.first_model"} <= figures["dev"].keys()
