"""The gate: nothing in evenhand may name an attribute of a person as a label, field, setting, column or option.

It reads the source of every module, so a name is caught wherever it stands: classes, functions, parameters, fields,
variables, dictionary keys, column names, option names. It reads names, not prose: a sentence may say what is not done.
What is only made at run time is read in test_named_surfaces.py, what comes in from outside in test_dependencies.py.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from denied import DENIED_IMPORTS
from evenhand.core.conduct import PERSONAL_ATTRIBUTES, personal_attributes_in, profiling_names
from evenhand.core.taxonomy import Label
from evenhand.detectors.registry import BUILT_IN
from evenhand.detectors.word_lists import COLUMNS
from evenhand.settings import SETTINGS
from evenhand.store.tables import metadata

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "evenhand"
MODULES = sorted(SOURCE.rglob("*.py"))
PAGES = sorted(path for kind in ("*.html", "*.jinja", "*.js") for path in SOURCE.rglob(kind))

#: The words of the rule itself may stand here and nowhere else.
RULE = SOURCE / "core" / "conduct.py"

#: The one room that names groups of people: it asks moderation services about sentences, and reads documents.
AUDIT = "audit"

#: Names that look like the forbidden ones and are not, with the reason.
ALLOWED = {
    "disabled": "an attribute of the standard library's loggers and of controls in a form",
}

FORBIDDEN_CALLS = frozenset({"CascadeClassifier", "FaceDetectorYN", "FaceRecognizerSF", "face"})

_NAME_LIKE = re.compile(r"-{0,2}[A-Za-z][A-Za-z0-9_./:-]*")
_PAGE_NAME = re.compile(r"""\b(?:name|id|for|data-[a-z-]+)=["']([^"'{}]+)["']""")


def names_in(tree: ast.AST) -> Iterator[str]:
    """Yield every identifier in `tree`, and every string that has the form of one."""
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.alias(name=name, asname=alias):
                yield from (name, alias or name)
            case ast.Constant(value=str(text)) if _NAME_LIKE.fullmatch(text):
                yield text


def offences(source: str) -> dict[str, tuple[str, ...]]:
    """Return the names in `source` that ask for an attribute of a person."""
    return {name: words for name, words in profiling_names(names_in(ast.parse(source))).items() if name not in ALLOWED}


def imported_packages(source: str) -> set[str]:
    """Return what `source` imports, by statement or by name through `import_module`, and the calls that find faces."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found |= {alias.name.partition(".")[0] for alias in names}
            case ast.ImportFrom(module=str(module), level=0):
                found.add(module.partition(".")[0])
            case ast.Call(args=[ast.Constant(value=str(name)), *_]):
                found.add(name.partition(".")[0])
            case ast.Attribute(value=ast.Name(id="cv2"), attr=name):
                found.add(name)
    return found


def modules_named(source: str) -> set[str]:
    """Return the modules that `source` imports, and the strings that could be the name of one."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import(names=names):
                found |= {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), names=names, level=0):
                found |= {f"{module}.{alias.name}" for alias in names}
            case ast.Constant(value=str(text)):
                found.add(text)
    return found


def is_of_the_audit(module: str) -> bool:
    """Return whether `module` is the room that names groups, or in it."""
    return module == "evenhand.audit" or module.startswith("evenhand.audit.")


def is_in(path: Path, *rooms: str) -> bool:
    """Return whether `path` stands in one of `rooms`."""
    return path.relative_to(SOURCE).parts[0] in rooms


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path != RULE and not is_in(path, AUDIT)],
    ids=lambda path: str(path.relative_to(SOURCE)),
)
def test_no_name_in_the_source_asks_for_an_attribute_of_a_person(path):
    assert offences(path.read_text(encoding="utf-8")) == {}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_name_in_a_page_asks_for_an_attribute_of_a_person(path):
    assert profiling_names(_PAGE_NAME.findall(path.read_text(encoding="utf-8"))) == {}


def test_the_walk_sees_labels_settings_detectors_and_columns():
    seen = {name for path in MODULES for name in names_in(ast.parse(path.read_text(encoding="utf-8")))}
    assert {str(label) for label in Label} <= seen
    assert {setting.name for setting in SETTINGS} <= seen
    assert set(BUILT_IN) <= seen
    assert set(COLUMNS) <= seen
    assert {column.name for table in metadata.tables.values() for column in table.columns} <= seen


def test_labels_settings_and_detectors_describe_conduct():
    names = [*Label, *Label.__members__, *(setting.name for setting in SETTINGS), *BUILT_IN, *COLUMNS]
    assert profiling_names(names) == {}


def test_tables_and_columns_describe_conduct():
    columns = [column.name for table in metadata.tables.values() for column in table.columns]
    assert columns
    assert profiling_names([*metadata.tables, *columns]) == {}


@pytest.mark.parametrize(
    "planted",
    [
        'class Label(StrEnum):\n    GROUP = "speaker/gender"',
        "class Content:\n    skin_tone: str",
        'Setting("detect_faces", False, "Find faces.")',
        'detect_faces: bool = _row(False, "Find faces.")',
        'Column("religion", String)',
        'option("--ethnicity")',
        'answer = {"political_opinion": 0.9}',
        "def search(*, nationality: str): ...",
        "def guess_age(text): ...",
        "self.isMuslim = True",
        "rule(target_sexual_orientation=1)",
        "from elsewhere import find as find_gender",
        'id = "audio.speaker"',
        "class FaceDetector: ...",
    ],
)
def test_a_planted_name_is_caught(planted):
    assert offences(planted)


@pytest.mark.parametrize(
    "harmless",
    [
        'label = "sexual/minors"',
        "page = message = language = package = usage = 1",
        "surface = interface = typeface_name = 1",
        '"""We never look for religion, gender or faces."""',
        'raise ValueError("Nobody is asked for their religion.")',
        "embrace = trace = brace = 1",
    ],
)
def test_a_harmless_name_passes(harmless):
    assert offences(harmless) == {}


def test_every_exception_is_still_needed():
    sources = [path.read_text(encoding="utf-8") for path in MODULES]
    used = {name for source in sources for name in names_in(ast.parse(source)) if personal_attributes_in(name)}
    assert ALLOWED.keys() <= used


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_module_imports_what_recognises_people(path):
    found = imported_packages(path.read_text(encoding="utf-8"))
    assert not {name.lower() for name in found} & DENIED_IMPORTS
    assert not found & FORBIDDEN_CALLS


@pytest.mark.parametrize(
    "planted",
    [
        "import face_recognition",
        "import deepface.DeepFace as d",
        "def load():\n    from insightface.app import FaceAnalysis",
        'import_module("resemblyzer")',
        'importlib.import_module("pyannote.audio")',
    ],
)
def test_a_planted_import_is_caught(planted):
    assert imported_packages(planted) & DENIED_IMPORTS


def test_a_planted_face_finder_is_caught():
    assert imported_packages("finder = cv2.CascadeClassifier(path)") & FORBIDDEN_CALLS


@pytest.mark.parametrize(
    "path", [path for path in MODULES if not is_in(path, AUDIT, "cli")], ids=lambda path: str(path.relative_to(SOURCE))
)
def test_only_the_command_line_reads_the_room_that_names_groups(path):
    assert [name for name in modules_named(path.read_text(encoding="utf-8")) if is_of_the_audit(name)] == []


@pytest.mark.parametrize(
    "planted",
    [
        "import evenhand.audit.families",
        "from evenhand.audit import families",
        "from evenhand import audit",
        'import_module("evenhand.audit.families")',
    ],
)
def test_a_planted_reader_of_that_room_is_caught(planted):
    assert any(map(is_of_the_audit, modules_named(planted)))


def test_the_rule_is_long_enough_to_mean_something():
    assert {"gender", "religion", "ethnicity", "faces", "voiceprint", "skintone", "orientation"} <= PERSONAL_ATTRIBUTES
