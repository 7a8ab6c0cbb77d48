from evenhand.api.openai.schema import CATEGORIES, DEFAULT_MODEL, LEGACY_CATEGORIES, MODELS
from evenhand.core.taxonomy import TAXONOMY


def test_the_categories_are_the_labels_that_openai_calls_the_same():
    assert set(CATEGORIES) == {label for label, entry in TAXONOMY.items() if entry.openai == (label.value,)}
    assert len(CATEGORIES) == 13
    assert len(LEGACY_CATEGORIES) == 11


def test_the_default_model_is_accepted_first():
    assert MODELS[0] == DEFAULT_MODEL
    assert len(set(MODELS)) == len(MODELS)
