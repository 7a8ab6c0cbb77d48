import itertools

from evenhand.learn.comparison.compare import compare
from evenhand.learn.comparison.report_markdown import write_markdown


def cells(line):
    return [cell.strip() for cell in line.replace("\\|", "/").strip("|").split("|")]


def test_the_report_has_a_table_for_each_label_with_a_column_for_each_scorer(labelled, scorers):
    text = write_markdown(compare(labelled, scorers))
    assert [line for line in text.splitlines() if line.startswith("## ")] == [
        "## Left out",
        "## hate",
        "## spam",
        "## any",
        "## How to read it",
    ]
    header = next(line for line in text.splitlines() if "| good" in line)
    assert cells(header) == ["", "good", "faulty (openai)"]
    assert "No scores from other." in text
    assert "| AUROC" in text
    assert "1.000 (1.000 to 1.000)" in text
    assert "### hate by group: good" in text
    assert "Difference from good, on the rows that both answered:" in text
    assert "-0.500 (-0.500 to -0.500)" in text
    assert "Line 43 was left out" in text


def test_every_row_of_a_table_has_as_many_cells(labelled, scorers):
    lines = write_markdown(compare(labelled, scorers, examples=3)).splitlines()
    tables = [
        (above, below) for above, below in itertools.pairwise(lines) if above.startswith("|") and below.startswith("|")
    ]
    assert tables
    assert all(len(cells(above)) == len(cells(below)) for above, below in tables)


def test_texts_are_there_only_when_asked_for_folded_and_harmless(labelled, scorers):
    without = write_markdown(compare(labelled, scorers))
    assert "&lt;b>" not in without
    whole = write_markdown(compare(labelled, scorers, examples=1))
    assert "<details><summary>hate, good: wrongly flagged</summary>" in whole
    assert "&lt;b>row\\|3&lt;/b>" in whole
    assert "<b>" not in whole


def test_what_is_printed_leaves_out_groups_and_texts(labelled, scorers):
    printed = write_markdown(compare(labelled, scorers, examples=1), is_whole=False)
    assert "Largest gap between two groups" in printed
    assert "by group: good" not in printed
    assert "<details>" not in printed


def test_a_label_without_any_result_has_a_sentence_and_no_table(labelled, scorers):
    text = write_markdown(compare(labelled, [scorers[2]]))
    assert "No scores from other." in text.split("## hate")[1].split("## spam")[0]
    assert "|" not in text.split("## hate")[1].split("## spam")[0]
