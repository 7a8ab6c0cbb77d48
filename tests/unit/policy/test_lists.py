import pytest

from evenhand.content.text import Text
from evenhand.policy.lists import ContentList, normalized


def words(*entries):
    return ContentList("found", "words", tuple(normalized(entry, "words") for entry in entries))


def domains(*entries):
    return ContentList("found", "domains", tuple(normalized(entry, "domains") for entry in entries))


def quotes(content_list, text):
    found = content_list.find([Text(text)], has_own=True)
    assert found.hits == len(found.evidence)
    return [text[item.begin : item.end] for item in found.evidence]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The butler DID it.", ["butler DID it"]),
        ("the ｂｕｔｌｅｒ did it", ["ｂｕｔｌｅｒ did it"]),
        ("the but\u200bler did it", ["but\u200bler did it"]),
        ("butlers did it", []),
        ("butler did item", []),
        ("rebutler did it", []),
        ("butler did it butler did it", ["butler did it", "butler did it"]),
        ("", []),
    ],
)
def test_words_are_found_at_their_borders_in_the_cleaned_text(text, found):
    assert quotes(words("butler did it"), text) == found


def test_scripts_without_spaces_have_no_borders():
    assert quotes(words("剧透"), "这是剧透吗") == ["剧透"]
    assert quotes(words("नहीं"), "नहीं है") == ["नहीं"]
    assert quotes(words("नही"), "नहीं है") == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see http://evil.example/x?y=1", ["evil.example"]),
        ("see A.B.EVIL.example.", ["A.B.EVIL.example"]),
        ("evil.example:80", ["evil.example"]),
        ("notevil.example", []),
        ("evil.example.org", []),
        ("me@evil.example", ["evil.example"]),
        ("münchen.example", ["münchen.example"]),
        ("xn--mnchen-3ya.example", ["xn--mnchen-3ya.example"]),
        ("a..evil.example " + "a" * 70 + ".example", ["evil.example"]),
    ],
)
def test_domains_are_found_with_all_below_them(text, found):
    assert quotes(domains("evil.example", "münchen.example"), text) == found


def test_a_hash_is_found_among_those_of_files():
    content_list = ContentList("found", "hashes", ("a" * 32, "b" * 64))
    assert content_list.find([], has_own=False, hashes=["b" * 64, "c" * 32]).hits == 1
    assert content_list.find([Text("a" * 32)], has_own=True).hits == 0


def test_what_is_read_in_an_image_counts_and_has_no_place():
    found = words("spoiler").find([Text("no"), Text("a spoiler")], has_own=True)
    assert (found.hits, found.evidence) == (1, ())
    found = words("spoiler").find([Text("a spoiler")], has_own=False)
    assert (found.hits, found.evidence) == (1, ())


def test_hits_go_on_where_evidence_ends():
    found = words("xyz").find([Text("xyz " * 300)], has_own=True)
    assert (found.hits, len(found.evidence)) == (300, 100)
    assert found.evidence[0].source == "list:found"


@pytest.mark.parametrize(
    ("entry", "kind", "kept"),
    [
        ("  Some WORDS ", "words", "some words"),
        ("\u200b", "words", ""),
        ("*.Evil.EXAMPLE.", "domains", "evil.example"),
        ("not a domain", "domains", ""),
        ("localhost", "domains", ""),
        ("ü" * 100 + ".example", "domains", ""),
        ("AB" * 16, "hashes", "ab" * 16),
        ("ab" * 17, "hashes", ""),
        ("x" * 300, "words", ""),
    ],
)
def test_an_entry_is_kept_in_one_form(entry, kind, kept):
    assert normalized(entry, kind) == kept


def test_the_order_does_not_matter_to_its_digest_but_the_kind_does():
    one, other = ContentList("a", "words", ("x", "y")), ContentList("b", "words", ("y", "x"))
    assert one.sha256 == other.sha256 != ContentList("a", "domains", ("x", "y")).sha256
