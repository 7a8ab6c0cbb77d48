from dataclasses import replace
from pathlib import Path

import pytest

from evenhand.core.decision import Action, RuleHit, Verdict
from evenhand.core.errors import ConfigurationError, InputError
from evenhand.core.taxonomy import Label
from evenhand.learn.image_folder import LabelledImage, evaluate_images, label_images
from samples import decision

FOLDER = Path("pictures")


def answer(score, *, action=Action.ALLOW):
    rules = () if action is Action.ALLOW else (RuleHit("sexual.review", action, Label.SEXUAL, "image.x", score, 0.8),)
    return replace(decision(), verdict=Verdict(action, rules, {Label.SEXUAL: score}, is_degraded=False))


@pytest.fixture(scope="module")
def report():
    lewd, other = LabelledImage(Path("a"), Label.SEXUAL), LabelledImage(Path("b"), None)
    answers = [
        (lewd, answer(0.95, action=Action.BLOCK)),
        (lewd, answer(0.6)),
        (other, answer(0.7, action=Action.REVIEW)),
        (other, answer(0.1)),
        (other, InputError("image.format", "")),
    ]
    return evaluate_images(answers, {"image.x": "1"})


def test_folders_name_labels():
    paths = [FOLDER / "violence/graphic/1.png", FOLDER / "harmless/2.png", FOLDER / "sexual/3.png"]
    labels = [image.label for image in label_images(FOLDER, paths)]
    assert labels == [Label.VIOLENCE_GRAPHIC, None, Label.SEXUAL]


@pytest.mark.parametrize(
    ("paths", "code"),
    [([], "folder.empty"), ([FOLDER / "people/1.png"], "folder.label"), ([FOLDER / "1.png"], "folder.label")],
)
def test_other_folders_are_refused(paths, code):
    with pytest.raises(ConfigurationError) as caught:
        label_images(FOLDER, paths)
    assert caught.value.code == code


def test_what_was_not_screened_is_told_and_enters_no_figure(report):
    assert (report["images"], report["not_screened"]) == (5, {"image.format": 1})
    assert report["folders"]["harmless"]["flagged"]["rows"] == 2


def test_a_label_is_measured_against_all_other_images(report):
    own = report["labels"]["sexual"]
    assert own["auc"]["value"] == 0.75
    assert own["found"]["0.9"]["value"] == 0.5
    assert own["wrongly_found"]["0.5"]["value"] == 0.5


def test_the_policy_is_told_by_folder_with_its_reasons(report):
    assert report["folders"]["sexual"]["blocked"] == 1
    assert report["folders"]["sexual"]["flagged"]["value"] == 0.5
    assert report["folders"]["harmless"]["because"] == {"sexual": 1}


def test_the_scores_of_a_folder_are_told_highest_first(report):
    assert report["folders"]["harmless"]["scores"] == {"sexual": {"mean": 0.4, "highest": 0.7}}


def test_without_other_images_there_is_nothing_to_rank():
    alone = evaluate_images([(LabelledImage(Path("a"), Label.SEXUAL), answer(0.9))], {})
    assert alone["labels"]["sexual"].keys() == {"found"}
