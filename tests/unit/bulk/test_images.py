import pytest

from drawings import encoded, landscape
from evenhand.bulk.images import image_paths, screen_images
from evenhand.core.decision import Action, Decision
from evenhand.core.errors import ConfigurationError, InputError
from evenhand.service.screener import Screener


@pytest.fixture(scope="module")
def screener():
    with Screener(detectors=["text.lexicon", "image.codes"]) as made:
        yield made


@pytest.fixture
def folder(tmp_path):
    for name in ("b.png", "a/c.png", ".hidden/d.png", ".e.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(encoded(landscape()))
    return tmp_path


def test_folders_stand_for_the_files_in_them_without_hidden_ones(folder):
    assert image_paths([folder, folder / ".e.png"]) == [folder / "a/c.png", folder / "b.png", folder / ".e.png"]


def test_a_path_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        image_paths([tmp_path / "none"])
    assert caught.value.code == "file.unreadable"


def test_each_image_gets_its_decision_or_its_error_in_order(screener, folder):
    paths = [folder / "b.png"] * 9 + [folder / "text.txt", folder, folder / "a/c.png"]
    (folder / "text.txt").write_text("no picture")
    answers = list(screen_images(screener, paths))
    assert [path for path, _ in answers] == paths
    kinds = [answer.code if isinstance(answer, InputError) else type(answer) for _, answer in answers]
    assert kinds == [Decision] * 9 + ["image.format", "file.unreadable", Decision]
    assert answers[0][1].action is Action.ALLOW
    assert answers[0][1].content_id == str(paths[0])
