"""Ask the detectors of images about drawn scenes that differ in one thing: tone, dress, beard or setting.

Nothing about a person is read out of a picture: what differs is known because it was drawn so.
"""

import io
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from evenhand.audit.answers import ACTIONS, Answer, Sentence
from evenhand.audit.brush import Brush
from evenhand.audit.people import draw_person
from evenhand.audit.places import draw_place
from evenhand.audit.scenes import AXES, Scene, Variation, vary
from evenhand.audit.targets import rests_on, version_of
from evenhand.core.content import Content, ImageFile, Modality
from evenhand.core.decision import Decision
from evenhand.core.errors import ConfigurationError, InputError
from evenhand.detectors.registry import declarations, missing_packages
from evenhand.service.screener import Screener

if TYPE_CHECKING:
    from PIL.Image import Image

#: Raise it whenever a scene could look otherwise: answers about other pictures are not mixed.
DRAWING_VERSION: Final = "1"
#: Pixels of a side.
SIDE: Final = 448
_PORTION: Final = 8
#: Of the scores that are kept.
_DIGITS: Final = 6

LIMITS: Final = tuple(
    """
The pictures are drawn. They show if tone, dress, beard or setting alone changes the outcome where everything else is
 the same, not how often people who look so meet a mistake with photographs.
The detectors were trained on photographs. What they do with drawings may be more even, or less, than what they do with
 photographs; no collection of photographs of people is used here, for that would classify people.
The intervals speak of scenes like these. A dress or a place that is not drawn is not covered.
The worst one was picked because it looks worst. Its interval allows for that, and may reach below 0.
""".strip()
    .replace("\n ", " ")
    .splitlines()
)


def draw(scene: Scene, *, side: int = SIDE) -> "Image":
    """Return the picture of `scene`, square; the same scene gives the same picture.

    Args:
        scene: What is in it.
        side: In pixels.
    """
    chance = random.Random(f"{scene.seed} light")  # noqa: S311 -- a seed is wanted
    brush = Brush(side, is_lit=scene.style == "rendered", light=chance.uniform(-0.8, 0.8), seed=scene.seed)
    draw_place(brush, scene.setting, random.Random(f"{scene.seed} place"))  # noqa: S311
    if scene.style == "rendered":
        brush.blur(0.004)
    draw_person(brush, scene, random.Random(f"{scene.seed} person"))  # noqa: S311
    return brush.finished()


def as_png(picture: "Image") -> bytes:
    """Return the file of a picture."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def picture_rows(count: int, *, seed: int = 1, axes: Sequence[str] = ()) -> dict[Sentence, Scene]:
    """Return what is to be asked, and the scene of each: a row says of a picture what it otherwise says of a sentence.

    Args:
        count: Scenes for each thing that is exchanged.
        seed: The same scenes for the same seed.
        axes: What is exchanged; none for everything.

    Raises:
        InputError: `audit.no_scenes` below 1, or `audit.axis`.
    """
    for unknown in set(axes) - AXES.keys():
        raise InputError(
            "audit.axis", f"Nothing is exchanged that is called {unknown}.", field="--axis", remedy=_named(AXES)
        )
    if count < 1:
        raise InputError("audit.no_scenes", "There are no scenes to draw.", field="--scenes", remedy="Give at least 1.")
    return {_row(each, seed): each.scene for each in vary(count, seed=seed, axes=axes or AXES.keys())}


def _named(names: Iterable[str]) -> str:
    return f"There are {', '.join(names)}."


def _row(variation: Variation, seed: int) -> Sentence:
    return Sentence(
        f"{seed}/{variation.axis}/{variation.number}/{variation.name}",
        variation.axis,
        f"scene {variation.number}",
        variation.name,
        variation.axis,
        "en",
        "harm" if variation.is_harmful else "allow",
        str(variation.scene),
    )


class PictureTarget:
    """All detectors with a policy, asked about pictures; as `targets.Target`.

    Args:
        scenes: The scene of each row that will be asked about.
        policy: A policy file; by default the policy that evenhand carries.

    Raises:
        ConfigurationError: `audit.not_installed`; or the policy or a detector cannot be used.
    """

    texts_per_request = 0

    def __init__(self, scenes: Mapping[Sentence, Scene], policy: Path | None = None) -> None:
        check_installed(Modality.IMAGE, extra="images")
        self._scenes = {row.id: scene for row, scene in scenes.items()}
        self._screener = Screener(policy)
        decided = self._screener.policy.version
        self.name = f"evenhand ({decided.name}), pictures"
        self.version = version_of(decided)
        self.about = rests_on(decided, self._screener.versions, drawing=DRAWING_VERSION)

    def ask(self, sentences: Sequence[Sentence]) -> Iterator[list[Answer]]:
        """Yield the answers; as `Target.ask`. Each has its scores by label in `more`."""
        for start in range(0, len(sentences), _PORTION):
            portion = sentences[start : start + _PORTION]
            files = [ImageFile(as_png(draw(self._scenes[row.id]))) for row in portion]
            decisions = self._screener.try_many([Content(images=(file,)) for file in files])
            yield [answer_of(row.id, decision) for row, decision in zip(portion, decisions, strict=True)]

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels that are looked for in pictures themselves, not in the words in them, in alphabetical order."""
        seeing = [each for each in self._screener.engine.detectors if each.modality is Modality.IMAGE]
        return tuple(sorted({str(label) for each in seeing for label in getattr(each, "live_labels", each.labels)}))

    def close(self) -> None:
        """Let go of the detectors."""
        self._screener.close()


def check_installed(*modalities: Modality, extra: str) -> None:
    """Refuse to audit with a part of the detectors.

    Raises:
        ConfigurationError: `audit.not_installed`.
    """
    missing = sorted(
        {name for each in declarations() if each.modality in modalities for name in missing_packages(each)}
    )
    if missing:
        raise ConfigurationError(
            "audit.not_installed",
            f"This audit needs {', '.join(missing)}, which is not installed.",
            remedy=f"Install it with `pip install 'evenhand[{extra}]'`.",
        )


def answer_of(row_id: str, decision: Decision | InputError) -> Answer:
    """Return what was decided as an answer; a decision without all of its detectors is a failure."""
    if isinstance(decision, InputError):
        return Answer(row_id, None, None, decision.code)
    if decision.is_degraded:
        code = next((failure.code for failure in decision.failures), "decision.degraded")
        return Answer(row_id, None, None, code)
    scores = {str(label): round(score, _DIGITS) for label, score in decision.scores.items()}
    more = {label: score for label, score in scores.items() if score}
    return Answer(row_id, max(scores.values(), default=None), ACTIONS[decision.action.severity], more=more)
