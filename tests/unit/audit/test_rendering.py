import jinja2
import pytest

from evenhand.audit.rendering import render


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "page.html").write_text("<p>{{ said }}</p>", encoding="utf-8")
    return tmp_path


def test_what_comes_from_outside_is_escaped(folder):
    assert render(folder, "page.html", said="<b>&</b>") == "<p>&lt;b&gt;&amp;&lt;/b&gt;</p>"


def test_a_name_that_is_not_there_is_an_error(folder):
    with pytest.raises(jinja2.UndefinedError):
        render(folder, "page.html", sayd="x")
