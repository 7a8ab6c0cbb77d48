"""What the checks for texts and for images share; that each of them fails when it must is tested with those."""

from typing import ClassVar

import pytest

from evenhand.core.content import Modality
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import Limits
from evenhand.testing.declaration_checks import DeclarationChecks, load_once, require, require_memory


class Sound:
    id: ClassVar[str] = "image.sound"
    modality: ClassVar[Modality] = Modality.IMAGE
    labels: ClassVar[frozenset[Label]] = frozenset({Label.SPAM})
    limits: ClassVar[Limits] = Limits(seconds=10, megabytes=100)
    packages: ClassVar[tuple[str, ...]] = ()
    version = "1"

    def __init__(self, *, name="a"):
        self.name = name

    def detect(self, images):
        return [() for _ in images]


class Checks(DeclarationChecks):
    detector_class = Sound
    options = {"name": "b"}  # noqa: RUF012 - nothing changes it
    is_asked = False

    def require_shape(self):
        Checks.is_asked = True


def test_a_sound_declaration_passes_and_what_else_its_kind_asks_for_is_looked_at():
    checks = Checks()
    checks.test_the_declaration_is_whole()
    checks.test_the_id_is_its_address()
    assert Checks.is_asked


def test_a_detector_is_loaded_once_with_its_options():
    assert Checks().detector is Checks().detector
    assert Checks().detector.name == "b"
    assert load_once(Sound, "{}") is not Checks().detector


def test_what_is_looked_for_now_must_be_declared():
    class Boastful(Sound):
        live_labels = frozenset({Label.SCAM})

    class Modest(Sound):
        live_labels = frozenset()

    type("ModestChecks", (Checks,), {"detector_class": Modest})().test_the_declaration_is_whole()
    with pytest.raises(AssertionError, match="scam"):
        type("BoastfulChecks", (Checks,), {"detector_class": Boastful})().test_the_declaration_is_whole()


def test_each_kind_must_say_what_else_it_asks_for():
    with pytest.raises(NotImplementedError):
        type("Bare", (DeclarationChecks,), {"detector_class": Sound})().test_the_declaration_is_whole()


@pytest.mark.parametrize(
    ("program", "message"),
    [("print(99.6)", ""), ("print(101)", "101 MiB; it promises 100"), ("raise OSError('no weights')", "no weights")],
)
def test_memory_is_what_a_process_of_its_own_says(program, message):
    if not message:
        require_memory(Sound, program)
    else:
        with pytest.raises(AssertionError, match=message):
            require_memory(Sound, program, "an", "argument")


def test_what_is_required_fails_with_its_message():
    require(condition=True, message="never said")
    with pytest.raises(AssertionError, match="said"):
        require(condition=False, message="said")
