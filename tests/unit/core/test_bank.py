import pytest

from evenhand.core.bank import MOST_DISTANCE, Algorithm, BankKind, Entry, check_bank
from evenhand.core.errors import InputError
from evenhand.core.taxonomy import CATEGORIES, Label


def check(name="memes", kind=BankKind.BLOCK, label=Label.SCAM, distance=31):
    check_bank(name=name, kind=kind, label=label, distance=distance)


def code_of(**options):
    with pytest.raises(InputError) as caught:
        check(**options)
    assert caught.value.remedy
    return caught.value.code


@pytest.mark.parametrize("name", ["a", "1", "scam-memes", "a.b_c-9", "x" * 64, "black-friday-adverts", "hate-of-women"])
def test_a_bank_is_named_after_what_it_holds(name):
    check(name=name)


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a b", "ä", "x" * 65, "a/b", "a\n"])
def test_other_names_are_refused(name):
    assert code_of(name=name) == "bank.name"


@pytest.mark.parametrize(
    "name", ["muslims", "faces", "known-faces", "women", "pictures-of-the-elderly", "black_people"]
)
def test_a_bank_of_people_is_refused(name):
    assert code_of(name=name) == "bank.people"


def test_every_category_may_be_a_label_and_no_attribute():
    for label in CATEGORIES:
        check(label=label)
    assert code_of(label=Label.ATTRIBUTE_INSULT) == "bank.label"


def test_a_block_bank_needs_a_label_and_an_allow_bank_has_none():
    check(kind=BankKind.ALLOW, label=None)
    assert code_of(label=None) == "bank.label"
    assert code_of(kind=BankKind.ALLOW) == "bank.label"


@pytest.mark.parametrize("distance", [-1, MOST_DISTANCE + 1])
def test_a_distance_lies_between_0_and_what_pdq_bears(distance):
    check(distance=0)
    assert code_of(distance=distance) == "bank.distance"


def test_a_hash_has_its_algorithm_s_length():
    assert [algorithm.length for algorithm in Algorithm] == [32, 16, 32]
    for algorithm in Algorithm:
        assert Entry(algorithm, bytes(algorithm.length)).hash
        with pytest.raises(ValueError, match="length"):
            Entry(algorithm, bytes(algorithm.length - 1))


def test_only_a_removal_by_an_id_has_no_hash():
    assert Entry(None, b"", "7", is_removed=True).algorithm is None
    for options in ({"external_id": "7"}, {"is_removed": True}):
        with pytest.raises(ValueError, match="removal"):
            Entry(None, b"", **options)
