import sys

import pytest

from evenhand.cli.progress import progress


@pytest.mark.parametrize("is_watched", [True, False])
def test_a_bar_is_shown_to_who_looks_at_it_and_moves_on(capsys, monkeypatch, is_watched):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_watched)
    with progress("sentences", 4) as advance:
        advance(4)
    shown = capsys.readouterr()
    assert ("sentences" in shown.err and "100%" in shown.err) is is_watched
    assert shown.out == ""
