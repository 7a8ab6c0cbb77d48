import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.learn.corpora import SOURCES
from evenhand.learn.recipe import RECIPE, read_recipe


def test_the_own_recipe_is_valid_and_names_sources_that_there_are():
    recipe = read_recipe()
    assert set(recipe.sources) <= {source.name for source in SOURCES}
    assert recipe.training.epochs > 0
    assert recipe.without == ()


def test_a_source_without_a_line_is_used_whole():
    use = read_recipe().use_of("some other")
    assert (use.rows, use.weight) == (0, 1.0)


@pytest.mark.parametrize("change", [("epochs = ", "epoch = "), ("seed = ", 'seed = "x"  # '), ("[training]", "[")])
def test_a_mistake_names_the_file_and_what_to_compare_with(tmp_path, change):
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        read_recipe(path)
    assert raised.value.code == "recipe.invalid"
    assert raised.value.field == str(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigurationError) as raised:
        read_recipe(tmp_path / "none.toml")
    assert raised.value.code == "recipe.invalid"
