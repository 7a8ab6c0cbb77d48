"""Starting is cheap: what a caller does not need is not loaded. Each case is a fresh process."""

import json
import subprocess
import sys

import pytest

WEB = ("starlette", "uvicorn", "jinja2")
DATABASE = ("sqlalchemy", "alembic")
LEARNERS = ("sklearn", "scipy", "torch")
TRAINING = (*LEARNERS, "evenhand.learn")
SHOW_HELP = """
from evenhand.cli import _group
_group(["--help"], standalone_mode=False)
"""


def loaded_by(code):
    report = "\nimport json, sys; print(json.dumps(list(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code + report], capture_output=True, text=True, check=True)
    return set(json.loads(ended.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("code", "not_loaded"),
    [
        ("import evenhand", ("numpy", "msgspec", "yaml", "click", *WEB, *DATABASE)),
        (SHOW_HELP, ("numpy", "yaml", *WEB, *DATABASE, *LEARNERS)),
        ("import evenhand.engine.screen", (*WEB, *DATABASE, *TRAINING)),
        ("import evenhand.service.screener", (*WEB, *DATABASE, *TRAINING)),
        ("import evenhand.cli.screen", ("numpy", *WEB, *DATABASE, *TRAINING)),
        ("import evenhand.server.app", TRAINING),
        (
            "from evenhand.policy.load import load_policy\nload_policy()",
            ("cel_expr_python", "ahocorasick", *WEB, *DATABASE),
        ),
    ],
)
def test_what_is_not_needed_is_not_loaded(code, not_loaded):
    assert loaded_by(code) & set(not_loaded) == set()


def test_screening_a_text_loads_no_web_database_or_training():
    loaded = loaded_by("import evenhand\nwith evenhand.Screener() as screener:\n    screener.screen('good morning')")
    assert loaded & {*WEB, *DATABASE, *TRAINING} == set()


def test_a_running_detector_never_loads_what_trains_it():
    code = (
        "from evenhand.settings import Settings\nfrom evenhand.server.app import build_engine\nbuild_engine(Settings())"
    )
    assert loaded_by(code) & set(TRAINING) == set()


def test_the_probe_sees_what_is_loaded():
    assert "numpy" in loaded_by("import evenhand\nimport numpy")
    assert "evenhand.service.screener" in loaded_by("import evenhand\nevenhand.Screener")
