import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.scorers.score_cache import ScoreCache


def cache(folder, url="http://x/v1", asked=()):
    return ScoreCache(folder, url=url, dialect="openai", asked=asked)


def test_what_was_kept_is_there_again(tmp_path):
    kept = cache(tmp_path / "new")
    assert kept.read() == {}
    kept.add({"a": {"hate": 0.25}, "b": {}})
    kept.add({"c": {"spam": 1.0}})
    assert cache(tmp_path / "new").read() == {"a": {"hate": 0.25}, "b": {}, "c": {"spam": 1.0}}


def test_another_server_or_question_has_another_file(tmp_path):
    paths = {cache(tmp_path).path, cache(tmp_path, url="http://y").path, cache(tmp_path, asked=("INSULT",)).path}
    assert len(paths) == 3


def test_a_line_that_was_not_finished_is_cut_off(tmp_path):
    kept = cache(tmp_path)
    kept.read()
    kept.add({"a": {"hate": 0.5}})
    with kept.path.open("ab") as file:
        file.write(b'{"id": "b", "sco')
    assert kept.read() == {"a": {"hate": 0.5}}
    kept.add({"b": {"hate": 0.75}})
    assert kept.read()["b"] == {"hate": 0.75}


def test_without_a_folder_nothing_is_kept():
    kept = cache(None)
    kept.add({"a": {"hate": 0.5}})
    assert kept.read() == {}


@pytest.mark.parametrize("content", [b"{}\n", b"not json\n", b"", b"\xff\n"])
def test_a_file_that_is_no_cache_is_a_named_error_and_stays_as_it_is(tmp_path, content):
    kept = cache(tmp_path)
    kept.path.write_bytes(content)
    with pytest.raises(ConfigurationError) as raised:
        kept.read()
    assert raised.value.code == "cache.unusable"
    assert kept.path.read_bytes() == content


def test_a_folder_that_cannot_be_is_a_named_error(tmp_path):
    (tmp_path / "file").write_text("x")
    kept = cache(tmp_path / "file")
    for use in (kept.read, lambda: kept.add({"a": {"hate": 0.5}})):
        with pytest.raises(ConfigurationError) as raised:
            use()
        assert raised.value.code == "cache.unusable"
