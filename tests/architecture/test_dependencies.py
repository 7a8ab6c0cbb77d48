"""The gate: no package that recognises people or guesses who they are comes in, neither asked for nor brought along.

It reads pyproject.toml and the lock files, which hold what dependencies bring along. denied.tsv names such packages
with reasons; a package that is not on it, but whose name says what it is for, is caught by its name.
"""

import re
import tomllib
from importlib.metadata import distributions
from pathlib import Path

import pytest

from denied import DENIED, DENIED_IMPORTS, plain_name
from evenhand.core.conduct import personal_attributes_in

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
_PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^]]*\])?\s*(?:==|@)", re.MULTILINE)
_TELLING = frozenset({"emotion", "emotions", "deepfake", "deepfakes"})


def locked(text):
    """Return the packages that a lock file pins."""
    return {plain_name(name) for name in _PINNED.findall(text)}


def asked_for(text):
    """Return the packages that a pyproject.toml asks for, in any group."""
    document = tomllib.loads(text)
    groups = [
        document["build-system"]["requires"],
        document["project"].get("dependencies", []),
        *document["project"].get("optional-dependencies", {}).values(),
        *document.get("dependency-groups", {}).values(),
    ]
    return {plain_name(requirement) for group in groups for requirement in group if isinstance(requirement, str)}


def offences(packages):
    """Return those of `packages` that must not come in, each with why."""
    found = {name: DENIED[name] for name in packages if name in DENIED}
    for name in packages - found.keys():
        if words := [*personal_attributes_in(name), *(_TELLING & {*name.split("-")})]:
            found[name] = f"its name says {words[0]}; see what it is for"
    return found


def test_every_denied_package_has_a_reason_and_stands_there_once():
    names = [line.split("\t")[0] for line in (Path(__file__).with_name("denied.tsv")).read_text().splitlines()[3:]]
    assert len(names) == len({*map(plain_name, names)}) == len(DENIED) > 60
    assert all(len(reason) > 10 for reason in DENIED.values())
    assert {"deepface", "pyannote", "retinaface", "dlib"} <= DENIED_IMPORTS


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_no_lock_file_pins_what_recognises_people(path):
    packages = locked(path.read_text(encoding="utf-8"))
    assert "starlette" in packages
    assert offences(packages) == {}


def test_pyproject_asks_for_nothing_that_recognises_people():
    packages = asked_for((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {"starlette", "hatchling", "pytest"} <= packages
    assert offences(packages) == {}


def test_nothing_of_the_kind_is_installed_here():
    packages = {plain_name(found.name) for found in distributions()}
    assert "pytest" in packages
    assert {name: DENIED[name] for name in packages & DENIED.keys()} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "deepface==0.0.93 \\\n    --hash=sha256:aa",
        "Face_Recognition==1.3.0",
        "pyannote.audio==3.3.2 ; python_version < '4'",
        "resemblyzer @ https://files.example/resemblyzer.whl",
        "speechbrain[all]==1.0",
        "face-anything-new==1",
        "my-gender-model==2",
        "speech-emotion==1",
    ],
)
def test_a_planted_pin_is_caught(planted):
    lock = f"starlette==1.0 \\\n    --hash=sha256:bb\n{planted}\nuvicorn==0.1"
    assert len(offences(locked(lock))) == 1


@pytest.mark.parametrize("group", ["dependencies", "optional", "dev", "build"])
def test_a_planted_requirement_is_caught_in_every_group(group):
    said = dict.fromkeys(("dependencies", "optional", "dev", "build"), "[]") | {group: '["Ethnicolr>=1; extra"]'}
    text = (
        f"[build-system]\nrequires = {said['build']}\n[project]\ndependencies = {said['dependencies']}\n"
        f"[project.optional-dependencies]\nx = {said['optional']}\n[dependency-groups]\ndev = {said['dev']}\n"
    )
    assert offences(asked_for(text)) == {"ethnicolr": "guesses ethnicity from names"}


def test_harmless_packages_pass():
    lock = "".join(f"{name}==1\n" for name in ("huggingface-hub", "page-tools", "pydantic", "packaging", "typeface-x"))
    assert len(locked(lock)) == 5
    assert offences(locked(lock)) == {}
