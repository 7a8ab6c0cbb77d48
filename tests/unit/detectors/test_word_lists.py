import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.core.taxonomy import Label
from evenhand.detectors.word_lists import COLUMNS, MAX_FORMS, expand, read_folder, read_list

HEAD = "\t".join(COLUMNS)
LABELS = (Label.SPAM, Label.SCAM, Label.PROFANITY)


@pytest.fixture
def write(tmp_path):
    def write(*lines, head=HEAD, name="mine.tsv"):
        path = tmp_path / name
        path.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
        return path

    return write


def mistake(path):
    with pytest.raises(ConfigurationError) as caught:
        read_list(path, labels=LABELS)
    assert caught.value.code == "lexicon.invalid"
    return caught.value


@pytest.mark.parametrize(
    ("term", "spellings"),
    [
        ("plain", {"plain"}),
        ("Two  Words", {"two words"}),
        ("(a|b) c", {"a c", "b c"}),
        ("a (|very )good", {"a good", "a very good"}),
        ("(a|b)(c|d)", {"ac", "ad", "bc", "bd"}),
        ("x (a (b|c)|d)", {"x a b", "x a c", "x d"}),
        ("i'm", {"i'm", "im"}),
        ("up|down", {"up", "down"}),
    ],
)
def test_alternatives_stand_for_spellings(term, spellings):
    assert set(expand(term)) == spellings


def test_an_entry_holds_what_its_line_says(write):
    entry = read_list(write("foo\tspam, scam\t3\tbegins,own-language\tde\ta note"), labels=LABELS)[0]
    assert entry.forms == ("foo",)
    assert entry.labels == (Label.SPAM, Label.SCAM)
    assert (entry.severity, entry.source, entry.language) == (3, "mine", "de")
    assert entry.is_open
    assert entry.is_own_language
    assert not entry.is_name
    assert not entry.is_allowed


def test_remarks_empty_lines_and_a_byte_order_mark_are_no_entries(write):
    path = write("# a remark", "", "foo\tspam\t1", head="\ufeff# first\n" + HEAD)
    assert [entry.forms for entry in read_list(path, labels=LABELS)] == [("foo",)]


def test_columns_after_the_severity_may_be_left_out(write):
    entry = read_list(write("foo\tspam\t1", head="term\tlabels\tseverity"), labels=LABELS)[0]
    assert entry.language == "en"


def test_a_harmless_phrase_needs_no_severity(write):
    entry = read_list(write("foo bar\tallow"), labels=LABELS)[0]
    assert entry.is_allowed
    assert entry.severity == 0


@pytest.mark.parametrize(
    ("line", "forms"),
    [
        ("foo\tspam\t1\tnoun", {"foo", "foos", "fooes", "foo's"}),
        ("foo\tspam\t1\tnoun\tpt", {"foo", "foos", "fooes"}),
        ("foo\tspam\t1\tnoun\tzz", {"foo"}),
    ],
)
def test_a_noun_has_the_endings_of_its_language(write, line, forms):
    assert set(read_list(write(line), labels=LABELS)[0].forms) == forms


@pytest.mark.parametrize(("verb", "forms"), [("fap", {"fapping", "faping", "faps"}), ("rave", {"raving", "raves"})])
def test_a_verb_doubles_its_last_letter_or_drops_its_e(write, verb, forms):
    assert forms < set(read_list(write(f"{verb}\tspam\t1\tverb"), labels=LABELS)[0].forms)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("foo\tspan\t1", "Did you mean spam?"),
        ("foo\thate\t1", "'hate' is no label of a word list"),
        ("foo\t\t1", "There is no label."),
        ("foo\tspam\t", "The severity is ''."),
        ("foo\tspam\t5", "Write 1, 2, 3 or 4."),
        ("foo\tspam\t1\tnuon", "Did you mean noun?"),
        ("foo\tspam\t1\tnoun\ten\tnote\tmore", "There are 7 cells."),
        ("\tspam\t1", "cannot be read"),
        ("...\tspam\t1", "cannot be read"),
        ("f*o\tspam\t1", "cannot be read"),
        ("foo) bar\tspam\t1", "cannot be read"),
        ("foo (bar\tspam\t1", "A bracket is open"),
        ("(a|)\tspam\t1", "cannot be read"),
        ("(a|b|c|d|e|f|g|h|i|j)" * 4 + "\tspam\t1", f"{MAX_FORMS} are taken"),
    ],
)
def test_a_mistake_is_shown_with_file_and_line(write, line, says):
    path = write("# a remark", "fine\tspam\t1", line)
    error = mistake(path)
    assert error.field == f"{path}:4"
    assert says in str(error)


@pytest.mark.parametrize("head", ["", "term\tlabel\tseverity", "term\tlabels", "foo\tspam\t1"])
def test_the_first_line_must_name_the_columns(write, head):
    error = mistake(write("foo\tspam\t1", head=head))
    assert "does not name the columns" in str(error)


def test_an_empty_list_lacks_its_columns(tmp_path):
    path = tmp_path / "empty.tsv"
    path.touch()
    assert mistake(path).field == f"{path}:1"


def test_a_list_that_is_not_utf8_is_refused(tmp_path):
    path = tmp_path / "mine.tsv"
    path.write_bytes(b"\xff\xfe\x00")
    assert "Save it as UTF-8" in str(mistake(path))


@pytest.mark.parametrize(
    "term", ["muslim", "Jews", "all the black people", "(women|gay)", "prayer", "these immigrants"]
)
def test_a_term_that_only_names_people_or_a_practice_is_refused(write, term):
    error = mistake(write(f"{term}\tspam\t1"))
    assert "only names people" in str(error)


@pytest.mark.parametrize("line", ["gay\tallow", "go back to your nation\tspam\t1", "black friday deals\tspam\t1"])
def test_other_terms_with_such_a_word_are_read(write, line):
    assert read_list(write(line), labels=LABELS)


def test_a_folder_is_read_in_order_of_name(write, tmp_path):
    write("two\tspam\t1", name="b.tsv")
    write("one\tspam\t1", name="a.tsv")
    (tmp_path / "readme.txt").write_text("no list", encoding="utf-8")
    assert [entry.forms[0] for entry in read_folder(tmp_path, labels=LABELS)] == ["one", "two"]


@pytest.mark.parametrize("name", ["", "missing"])
def test_a_folder_without_lists_is_refused(tmp_path, name):
    with pytest.raises(ConfigurationError) as caught:
        read_folder(tmp_path / name, labels=LABELS)
    assert caught.value.code == "lexicon.folder"
