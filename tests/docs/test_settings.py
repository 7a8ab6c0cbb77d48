"""docs/settings.md names every setting, and no other; cog writes its table."""

import re
from pathlib import Path

from evenhand.settings import SETTINGS

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")


def test_every_setting_is_on_the_page_with_variable_and_help():
    for setting in SETTINGS:
        (row,) = re.findall(rf"^\| `{setting.name}` .*", PAGE, re.MULTILINE)
        assert f"`{setting.variable}`" in row
        assert setting.help in row


def test_no_other_setting_is_on_the_page():
    assert set(re.findall(r"EVENHAND_[A-Z_]+", PAGE)) <= {setting.variable for setting in SETTINGS}
