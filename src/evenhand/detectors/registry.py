"""The list of detectors and the one door through which they are loaded, built-in ones and plugins alike.

Nothing is found by chance: a plugin runs only when somebody names it, and every class is checked before it is used.
"""

import difflib
import importlib
import inspect
from collections.abc import Collection, Iterable, Mapping, Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import Any, Final, cast

from evenhand.core.conduct import personal_attributes_in
from evenhand.core.content import Modality
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.detectors.base import AnyDetector, Detector, Example, Limits, Listener

#: Import paths of the detectors that evenhand carries. A new one needs a line here and nothing else.
BUILT_IN: Final = (
    "evenhand.detectors.text.lexicon:LexiconDetector",
    "evenhand.detectors.text.toxicity:ToxicityDetector",
    "evenhand.detectors.text.links:LinksDetector",
    "evenhand.detectors.text.contacts:ContactsDetector",
    "evenhand.detectors.text.repetition:RepetitionDetector",
    "evenhand.detectors.text.bulk_mail:BulkMailDetector",
    "evenhand.detectors.image.open_nsfw:OpenNsfwDetector",
    "evenhand.detectors.image.safety:SafetyDetector",
    "evenhand.detectors.image.words:WordsReader",
    "evenhand.detectors.image.codes:CodesReader",
    "evenhand.detectors.image.hash_bank:HashBankDetector",
    "evenhand.detectors.audio.speech:SpeechReader",
)
#: Entry points of other packages under this group may be named as plugins.
ENTRY_POINTS: Final = "evenhand.detectors"

_DECLARATION: Final = {"id": str, "modality": Modality, "labels": frozenset, "limits": Limits}
#: What is declared besides, by what is read.
_MORE: Final = {
    Modality.TEXT: {"examples": tuple},
    Modality.IMAGE: {"packages": tuple},
    Modality.AUDIO: {"packages": tuple},
}
#: Which extra brings the packages that are needed, by what is read.
_EXTRAS: Final = {Modality.IMAGE: "images", Modality.AUDIO: "speech"}
#: The listener that evenhand carries.
_SPEECH: Final = "audio.speech"


def load_detectors(
    ids: Collection[str] | None = None,
    *,
    extra: Sequence[str] = (),
    options: Mapping[str, Mapping[str, object]] | None = None,
) -> tuple[AnyDetector, ...]:
    """Load detectors, with their models, in the order of their declarations.

    Args:
        ids: Ids of those to load; None loads all of texts and images that are declared and whose packages are
            installed. A listener is loaded only by name: its model is large, and only clips need it.
        extra: Plugins to declare besides the built-in ones: import paths `module:Class` or names of entry points.
        options: Keyword arguments for the constructor, by detector id.

    Raises:
        ConfigurationError: `detector.unknown`, `detector.package`, `detector.options`, or as `declarations`.
    """
    classes = {declared.id: declared for declared in declarations(extra=extra)}
    options = options or {}
    for unknown in (*(ids or ()), *options):
        if unknown not in classes:
            raise ConfigurationError(
                "detector.unknown",
                f"There is no detector {unknown}.",
                field="detectors",
                remedy=_did_you_mean(unknown, classes),
            )
    if ids is None:
        ids = [
            name
            for name, declared in classes.items()
            if declared.modality is not Modality.AUDIO and not missing_packages(declared)
        ]
    return tuple(
        _construct(declared, options.get(declared.id, {})) for declared in classes.values() if declared.id in ids
    )


def load_text_detectors(ids: Collection[str] | None = None) -> tuple[Detector, ...]:
    """Load the detectors of texts among `ids`, or all built-in ones; raises as `load_detectors`."""
    if ids is None:
        ids = [declared.id for declared in declarations() if declared.modality is Modality.TEXT]
    return tuple(
        found for found in load_detectors(ids) if isinstance(found, Detector) and found.modality is Modality.TEXT
    )


def load_listener(options: Mapping[str, object] | None = None) -> Listener:
    """Load the listener that evenhand carries.

    Args:
        options: Keyword arguments for its constructor.

    Raises:
        ConfigurationError: `detector.package`, `detector.options`, `speech.weights` or `speech.model`.
    """
    (listener,) = load_detectors([_SPEECH], options={_SPEECH: options or {}})
    return cast("Listener", listener)


def declarations(*, extra: Sequence[str] = ()) -> tuple[type[AnyDetector], ...]:
    """Return the detector classes, checked but not constructed: no model is loaded.

    Raises:
        ConfigurationError: `detector.import`, `detector.invalid`, `detector.profiling` or `detector.clash`.
    """
    by_id: dict[str, tuple[str, type[AnyDetector]]] = {}
    for name in (*BUILT_IN, *extra):
        path = name if ":" in name else _entry_point(name)
        declared = check_class(_import(path), path=path)
        other, _ = by_id.setdefault(declared.id, (path, declared))
        if other != path:
            raise ConfigurationError(
                "detector.clash",
                f"{other} and {path} both call themselves {declared.id}.",
                field="plugins",
                remedy="Rename one of them, or leave it out.",
            )
    return tuple(declared for _, declared in by_id.values())


def check_class(declared: Any, *, path: str) -> type[AnyDetector]:
    """Return `declared` as a detector class, or refuse it; `path` names it in the error.

    Raises:
        ConfigurationError: `detector.invalid` or `detector.profiling`.
    """
    problem = _misshape(declared)
    if problem is None:
        profiling = sorted({word for name in _names_in(declared) for word in personal_attributes_in(name)})
        if profiling:
            raise ConfigurationError(
                "detector.profiling",
                f"{path} names attributes of people ({', '.join(profiling)}).",
                field="plugins",
                remedy="A detector may look for what people do, never for who they are; there is no way round this.",
            )
        strangers = sorted(str(label) for label in declared.labels if not isinstance(label, Label))
        problem = f"its labels {', '.join(strangers)} are not in the taxonomy" if strangers else None
    if problem is not None:
        raise ConfigurationError(
            "detector.invalid",
            f"{path} is no detector: {problem}.",
            field="plugins",
            remedy="See `evenhand.detectors.base`.",
        )
    return cast("type[AnyDetector]", declared)


def missing_packages(declared: Any) -> tuple[str, ...]:
    """Return the packages that a detector class needs beside evenhand's own dependencies and that are not installed."""
    return tuple(name for name in getattr(declared, "packages", ()) if find_spec(name) is None)


def _entry_point(name: str) -> str:
    """Return the import path of the entry point `name`."""
    found = {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
    if name not in found:
        raise ConfigurationError(
            "detector.import",
            f"No installed package has the detector {name}.",
            field="plugins",
            remedy=_did_you_mean(name, found, otherwise="Install its package, or give the import path `module:Class`."),
        )
    return found[name]


def _import(path: str) -> object:
    module, _, attribute = path.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigurationError(
            "detector.import",
            f"The detector {path} cannot be imported: {error}.",
            field="plugins",
            remedy="Check the path and whether its package is installed.",
        ) from error


def _misshape(declared: Any) -> str | None:
    """Return the first thing by which `declared` is not the shape of a detector class."""
    if not isinstance(declared, type):
        return "it is not a class"
    modality: Any = getattr(declared, "modality", None)
    for name, kind in (_DECLARATION | _MORE.get(modality, {})).items():
        if not isinstance(getattr(declared, name, None), kind):
            return f"its `{name}` is not a {kind.__name__}"
    verb = "hear" if modality is Modality.AUDIO else "read" if hasattr(declared, "read") else "detect"
    for name in ("version", verb):
        if not hasattr(declared, name):
            return f"it has no `{name}`"
    if modality is Modality.AUDIO and getattr(declared, "labels", None):
        return "it declares labels, though a listener judges nothing"
    if not all(isinstance(example, Example) for example in getattr(declared, "examples", ())):
        return "its `examples` are not all `Example`"
    return None


def _names_in(declared: Any) -> set[str]:
    """Return every name that says what a detector class is about: id, labels, attributes, fields and options."""
    names = {declared.id, declared.__name__, *map(str, declared.labels), *inspect.signature(declared).parameters}
    for ancestor in declared.__mro__[:-1]:
        names |= vars(ancestor).keys() | getattr(ancestor, "__annotations__", {}).keys()
    return names


def _construct(declared: type[AnyDetector], options: Mapping[str, object]) -> AnyDetector:
    if missing := missing_packages(declared):
        extra = _EXTRAS.get(declared.modality)
        raise ConfigurationError(
            "detector.package",
            f"The detector {declared.id} needs {', '.join(missing)}, which is not installed.",
            field="detectors",
            remedy=f"pip install 'evenhand[{extra}]'" if extra else "Install the packages that carry it.",
        )
    parameters = inspect.signature(declared).parameters
    for option in options:
        if option not in parameters:
            raise ConfigurationError(
                "detector.options",
                f"The detector {declared.id} has no option {option}.",
                field=declared.id,
                remedy=_did_you_mean(option, parameters),
            )
    return declared(**options)


def _did_you_mean(name: str, known: Iterable[str], *, otherwise: str = "") -> str:
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"Did you mean {close[0]}?"
    return otherwise or (f"There are {', '.join(known)}." if known else "There are none.")
