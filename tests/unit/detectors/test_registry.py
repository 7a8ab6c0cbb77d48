import subprocess
import sys
from importlib.metadata import EntryPoint
from types import ModuleType, SimpleNamespace
from typing import ClassVar

import pytest

from evenhand.core.content import Modality
from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.detectors import registry
from evenhand.detectors.base import Detector, Example, Heard, Limits, Listener
from evenhand.detectors.registry import BUILT_IN, declarations, load_detectors, load_listener


class Plugin:
    id: ClassVar[str] = "text.plugin"
    modality: ClassVar[Modality] = Modality.TEXT
    labels: ClassVar[frozenset[Label]] = frozenset({Label.SPAM})
    limits: ClassVar[Limits] = Limits(seconds=1, megabytes=1)
    examples: ClassVar[tuple[Example, ...]] = ()
    version = "1"

    def __init__(self, *, strength: int = 1) -> None:
        self.strength = strength

    def detect(self, texts):
        return [() for _ in texts]


class Ear:
    id: ClassVar[str] = "audio.ear"
    modality: ClassVar[Modality] = Modality.AUDIO
    labels: ClassVar[frozenset[Label]] = frozenset()
    limits: ClassVar[Limits] = Limits(seconds=1, megabytes=1)
    packages: ClassVar[tuple[str, ...]] = ()
    version = "1"

    def __init__(self, *, strength: int = 1) -> None:
        self.strength = strength

    def hear(self, sound, *, begin, until=None, language=""):
        return Heard((), begin)


@pytest.fixture
def plugins(monkeypatch):
    """A module to put detector classes into, importable as `plugins`."""
    module = ModuleType("plugins")
    module.Plugin, module.Ear = Plugin, Ear
    monkeypatch.setitem(sys.modules, "plugins", module)
    return module


@pytest.fixture
def only_plugins(monkeypatch, plugins):
    monkeypatch.setattr(registry, "BUILT_IN", ())
    return plugins


def refused(code, call, **arguments):
    with pytest.raises(ConfigurationError) as caught:
        call(**arguments)
    assert caught.value.code == code
    assert caught.value.remedy
    return str(caught.value)


def test_every_built_in_detector_is_where_its_id_says():
    paths = [f"evenhand.detectors.{declared.id}:{declared.__name__}" for declared in declarations()]
    assert tuple(paths) == BUILT_IN


def test_declaring_loads_no_model():
    script = "import sys; from evenhand.detectors.registry import declarations; declarations()"
    heavy = "assert not {'torch', 'sklearn', 'scipy', 'onnxruntime', 'sqlalchemy', 'starlette'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", f"{script}; {heavy}"], check=True)


def test_a_plugin_is_declared_only_when_it_is_named(plugins):
    assert Plugin not in declarations()
    assert declarations(extra=["plugins:Plugin"])[-1] is Plugin


def test_a_plugin_is_found_by_the_name_of_its_entry_point(only_plugins, monkeypatch):
    point = EntryPoint("plug", "plugins:Plugin", registry.ENTRY_POINTS)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point] if group == registry.ENTRY_POINTS else [])
    assert declarations(extra=["plug"]) == (Plugin,)
    message = refused("detector.import", declarations, extra=["plog"])
    assert "Did you mean plug?" in message


def test_only_the_named_detectors_are_loaded_with_their_options(plugins):
    detectors = load_detectors(["text.plugin"], extra=["plugins:Plugin"], options={"text.plugin": {"strength": 3}})
    assert [(detector.id, detector.strength) for detector in detectors] == [("text.plugin", 3)]
    assert isinstance(detectors[0], Detector)


def test_all_are_loaded_when_none_are_named(only_plugins):
    assert [detector.id for detector in load_detectors(extra=["plugins:Plugin"])] == ["text.plugin"]
    assert load_detectors([], extra=["plugins:Plugin"]) == ()


def test_options_of_a_detector_that_is_not_loaded_are_left_alone(only_plugins):
    assert load_detectors([], extra=["plugins:Plugin"], options={"text.plugin": {"strength": 3}}) == ()


@pytest.mark.parametrize("arguments", [{"ids": ["text.plugon"]}, {"options": {"text.plugon": {}}}])
def test_an_unknown_id_gets_a_suggestion(only_plugins, arguments):
    message = refused("detector.unknown", load_detectors, extra=["plugins:Plugin"], **arguments)
    assert "Did you mean text.plugin?" in message


def test_an_unknown_id_that_resembles_nothing_gets_the_list(only_plugins):
    message = refused("detector.unknown", load_detectors, ids=["zzz"], extra=["plugins:Plugin"])
    assert "There are text.plugin." in message


def test_an_unknown_option_gets_a_suggestion(only_plugins):
    options = {"text.plugin": {"strenght": 3}}
    message = refused("detector.options", load_detectors, extra=["plugins:Plugin"], options=options)
    assert "Did you mean strength?" in message


@pytest.mark.parametrize("path", ["plugins:Missing", "no.such.module:Plugin", ":Plugin", "plugins:"])
def test_a_path_that_leads_nowhere_is_named(only_plugins, path):
    assert path in refused("detector.import", declarations, extra=[path])


def test_a_clash_names_both(only_plugins):
    only_plugins.Other = type("Other", (Plugin,), {})
    message = refused("detector.clash", declarations, extra=["plugins:Plugin", "plugins:Other"])
    assert "plugins:Plugin and plugins:Other both call themselves text.plugin" in message


def test_naming_a_plugin_twice_is_no_clash(only_plugins):
    assert declarations(extra=["plugins:Plugin", "plugins:Plugin"]) == (Plugin,)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"id": None}, "`id`"),
        ({"modality": "text"}, "`modality`"),
        ({"labels": ["spam"]}, "`labels`"),
        ({"labels": frozenset({"spam", "nonsense"})}, "nonsense, spam are not in the taxonomy"),
        ({"limits": None}, "`limits`"),
        ({"examples": ["spam"]}, "`examples`"),
        ({"examples": ("spam",)}, "`examples`"),
    ],
)
def test_a_class_that_breaks_the_protocol_is_refused(only_plugins, members, reason):
    only_plugins.Broken = type("Broken", (Plugin,), members)
    assert reason in refused("detector.invalid", declarations, extra=["plugins:Broken"])


def test_a_class_without_a_method_is_refused(only_plugins):
    members = {name: value for name, value in vars(Plugin).items() if name not in {"detect", "__dict__", "__weakref__"}}
    only_plugins.Broken = type("Broken", (), members)
    assert "no `detect`" in refused("detector.invalid", declarations, extra=["plugins:Broken"])


def test_what_is_no_class_is_refused(only_plugins):
    only_plugins.Broken = SimpleNamespace(**vars(Plugin))
    assert "not a class" in refused("detector.invalid", declarations, extra=["plugins:Broken"])


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("Broken", {"id": "text.religion"}),
        ("Broken", {"labels": frozenset({Label.SPAM, "speaker/gender"})}),
        ("Broken", {"skin_tone": 1}),
        ("Broken", {"__annotations__": {"ethnicity": str}}),
        ("Broken", {"guess_age": lambda _: 1}),
        ("Broken", {"__init__": lambda self, *, detect_faces=False: None}),
        ("GenderDetector", {}),
    ],
)
def test_a_class_that_names_an_attribute_of_people_is_refused(only_plugins, name, members):
    only_plugins.Broken = type(name, (Plugin,), members)
    assert "attributes of people" in refused("detector.profiling", declarations, extra=["plugins:Broken"])


def test_an_ancestor_cannot_hide_such_a_name(only_plugins):
    parent = type("Parent", (Plugin,), {"nationality": None})
    only_plugins.Broken = type("Broken", (parent,), {})
    assert "nationality" in refused("detector.profiling", declarations, extra=["plugins:Broken"])


def test_a_listener_is_loaded_by_name_only(only_plugins):
    named = ["plugins:Plugin", "plugins:Ear"]
    assert Ear in declarations(extra=named)
    assert [detector.id for detector in load_detectors(extra=named, options={"audio.ear": {"strength": 2}})] == [
        "text.plugin"
    ]
    (ear,) = load_detectors(["audio.ear"], extra=named, options={"audio.ear": {"strength": 2}})
    assert isinstance(ear, Listener)
    assert ear.strength == 2


def test_the_built_in_listener_is_loaded_with_its_options(monkeypatch, plugins):
    monkeypatch.setattr(Ear, "id", "audio.speech")
    monkeypatch.setattr(registry, "BUILT_IN", ("plugins:Plugin", "plugins:Ear"))
    assert load_listener({"strength": 3}).strength == 3
    assert load_listener().strength == 1
    assert "Did you mean strength?" in refused("detector.options", load_listener, options={"strenght": 3})


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"packages": []}, "`packages`"),
        ({"labels": frozenset({Label.SPAM})}, "a listener judges nothing"),
    ],
)
def test_a_listener_has_a_shape_of_its_own(only_plugins, members, reason):
    only_plugins.Broken = type("Broken", (Ear,), members)
    assert reason in refused("detector.invalid", declarations, extra=["plugins:Broken"])


def test_a_listener_must_hear(only_plugins):
    members = {name: value for name, value in vars(Ear).items() if name not in {"hear", "__dict__", "__weakref__"}}
    only_plugins.Broken = type("Broken", (), {**members, "read": lambda self, images: []})
    assert "no `hear`" in refused("detector.invalid", declarations, extra=["plugins:Broken"])


@pytest.mark.parametrize(
    ("modality", "remedy"),
    [
        (Modality.AUDIO, "evenhand[speech]"),
        (Modality.IMAGE, "evenhand[images]"),
        (Modality.TEXT, "Install the packages"),
    ],
)
def test_missing_packages_are_named_with_the_extra_that_brings_them(only_plugins, modality, remedy):
    members = {"modality": modality, "packages": ("no_such_package",), "examples": (), "detect": None}
    only_plugins.Broken = type("Broken", (Ear,), members)
    message = refused("detector.package", load_detectors, ids=["audio.ear"], extra=["plugins:Broken"])
    assert "no_such_package" in message
    assert remedy in message
