import re
from datetime import UTC, datetime

import numpy as np
import pytest

from drawings import image
from evenhand.content.pdq import Pdq, pdq
from evenhand.core.bank import Algorithm, Bank, BankKind
from evenhand.core.taxonomy import CATEGORIES, Label
from evenhand.detectors.image.hash_bank import FARTHEST, NEAREST, HashBankDetector, LiveBanks, Match
from evenhand.testing.image_checks import ImageDetectorChecks

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


class TestHashBank(ImageDetectorChecks):
    detector_class = HashBankDetector


def scene(seed=1, width=320, height=240):
    """A picture with much to see: stripes and waves of random colours."""
    chooser = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width] / min(width, height)
    waves = sum(np.sin(chooser.uniform(-20, 20) * rows + chooser.uniform(-20, 20) * columns) for _ in range(12))
    return ((waves[:, :, None] * chooser.uniform(10, 40, 3)) + 128).clip(0, 255).astype(np.uint8)


def bank(number=1, name="memes", kind=BankKind.BLOCK, label=Label.SCAM, distance=31, *, is_enabled=True, change=1):
    label = None if kind is BankKind.ALLOW else label
    return Bank(number, name, "team", kind, label, distance, is_enabled, NOON, change)


def hash_of(pixels, algorithm=Algorithm.PDQ, differing=0):
    """The hash of a picture, or of an image's file, with that many bits flipped."""
    if algorithm is Algorithm.PDQ:
        made = pdq(pixels).bits
    else:
        made = bytes.fromhex(image(pixels).md5 if algorithm is Algorithm.MD5 else image(pixels).sha256)
    return (int.from_bytes(made, "big") ^ ((1 << differing) - 1)).to_bytes(len(made), "big")


def live(*banks, entries=()):
    """Banks with `entries`, each an id, a bank's id, an algorithm and a hash."""
    banks_now = LiveBanks()
    for number, bank_id, algorithm, made in entries:
        banks_now.add(algorithm, [number], [bank_id], made)
    banks_now.set_banks(banks)
    return banks_now


def detect(banks_now, *images):
    return HashBankDetector(banks=banks_now).detect(images)


def sources(signals):
    return [region.source for signal in signals for region in signal.regions]


def test_without_banks_there_is_nothing_to_say_and_nothing_is_hashed(monkeypatch):
    monkeypatch.setattr("evenhand.detectors.image.hash_bank.variants", lambda _: pytest.fail("hashed"))
    assert HashBankDetector().detect([image(scene())]) == [()]
    assert HashBankDetector().version == "1"


def test_every_category_may_be_a_bank_s_and_nothing_has_to_be_installed():
    assert HashBankDetector.labels == set(CATEGORIES)
    assert HashBankDetector.packages == ()


@pytest.mark.parametrize("algorithm", [Algorithm.MD5, Algorithm.SHA256])
def test_the_file_itself_is_certain(algorithm):
    banks_now = live(bank(), entries=[(7, 1, algorithm, hash_of(scene(), algorithm))])
    (signal,), other = detect(banks_now, image(scene()), image(scene(2)))
    assert other == ()
    assert (signal.label, signal.score) == (Label.SCAM, 1.0)
    assert signal.reason == f"The file is entry 7 of the bank memes, by {algorithm}."
    (region,) = signal.regions
    assert (region.image, region.frame, region.box, region.weight) == (0, 0, (0, 0, 1, 1), 1.0)
    assert region.source == "bank:memes/7"


def test_a_match_explains_itself():
    banks_now = live(bank(distance=20), entries=[(7, 1, Algorithm.PDQ, hash_of(scene(), differing=5))])
    ((signal,),) = detect(banks_now, image(scene()))
    assert signal.reason == "Frame 0 looks like entry 7 of the bank memes: distance 5 of at most 20, quality 100."
    assert sources([signal]) == ["bank:memes/7"]


def test_the_score_falls_with_the_distance_and_stays_at_99_percent_or_more():
    scores = []
    for differing in range(32):
        banks_now = live(bank(), entries=[(1, 1, Algorithm.PDQ, hash_of(scene(), differing=differing))])
        ((signal,),) = detect(banks_now, image(scene()))
        scores.append(signal.score)
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 32
    assert (scores[0], scores[-1]) == (pytest.approx(NEAREST), pytest.approx(FARTHEST))
    assert scores[-1] >= 0.99


@pytest.mark.parametrize("distance", [0, 10, 31])
def test_each_bank_has_its_own_distance(distance):
    entries = [
        (differing + 1, 1, Algorithm.PDQ, hash_of(scene(), differing=differing))
        for differing in (distance, distance + 1)
    ]
    near = live(bank(distance=distance), bank(2, "wide"), entries=entries[:1])
    far = live(bank(distance=distance), bank(2, "wide"), entries=entries[1:])
    assert sources(detect(near, image(scene()))[0]) == [f"bank:memes/{distance + 1}"]
    assert detect(far, image(scene())) == [()]


@pytest.mark.parametrize(
    ("turn", "words"),
    [
        (np.rot90, "turned by a quarter"),
        (lambda pixels: np.rot90(pixels, 2), "turned by half"),
        (lambda pixels: np.rot90(pixels, 3), "turned by a quarter"),
        (lambda pixels: pixels[::-1], "mirrored"),
        (lambda pixels: pixels[:, ::-1], "mirrored"),
        (lambda pixels: pixels.transpose(1, 0, 2), "mirrored and turned"),
        (lambda pixels: np.rot90(pixels, 2).transpose(1, 0, 2), "mirrored and turned"),
    ],
)
def test_a_picture_that_was_turned_or_mirrored_is_found_and_it_is_said_how(turn, words):
    banks_now = live(bank(), entries=[(7, 1, Algorithm.PDQ, hash_of(scene()))])
    ((signal,),) = detect(banks_now, image(np.ascontiguousarray(turn(scene()))))
    assert f"looks like entry 7 of the bank memes, {words}: distance " in signal.reason


def test_where_several_turns_of_a_frame_are_close_the_nearest_counts(monkeypatch):
    apart = (9, 40, 4, 2, 3, 2, 40, 8)
    turned = tuple(Pdq(hash_of(scene(), differing=distance), 60) for distance in apart)
    monkeypatch.setattr("evenhand.detectors.image.hash_bank.variants", lambda _: turned)
    ((signal,),) = detect(live(bank(), entries=[(7, 1, Algorithm.PDQ, hash_of(scene()))]), image(scene()))
    assert signal.reason == (
        "Frame 0 looks like entry 7 of the bank memes, turned by a quarter: distance 2 of at most 31, quality 60."
    )


def test_of_a_bank_the_nearest_entry_counts_and_every_bank_is_named():
    entries = [(number, 1, Algorithm.PDQ, hash_of(scene(), differing=number)) for number in (9, 3, 6)]
    entries.append((20, 2, Algorithm.PDQ, hash_of(scene(), differing=1)))
    ((signal,),) = detect(live(bank(), bank(2, "adverts"), entries=entries), image(scene()))
    assert sources([signal]) == ["bank:adverts/20", "bank:memes/3"]
    weights = [region.weight for region in signal.regions]
    assert weights == sorted(weights, reverse=True)
    assert signal.score == weights[0]
    assert signal.reason.count("looks like") == 2


def test_banks_with_different_labels_give_a_signal_each():
    entries = [(1, 1, Algorithm.PDQ, hash_of(scene())), (2, 2, Algorithm.MD5, hash_of(scene(), Algorithm.MD5))]
    (signals,) = detect(live(bank(), bank(2, "flags", label=Label.EXTREMISM), entries=entries), image(scene()))
    assert {signal.label: signal.score for signal in signals} == {Label.EXTREMISM: 1.0, Label.SCAM: NEAREST}


def test_reasons_and_regions_are_bounded():
    banks_given = [bank(number, f"bank-{number}") for number in range(1, 51)]
    entries = [(number, number, Algorithm.PDQ, hash_of(scene())) for number in range(1, 51)]
    ((signal,),) = detect(live(*banks_given, entries=entries), image(scene()))
    assert len(signal.regions) == 32
    assert signal.reason.count("looks like") == 3


def test_a_frame_with_too_little_to_see_is_not_looked_up_but_its_file_is():
    faint = np.zeros((128, 128, 3), np.uint8)
    faint[:] = (np.arange(128) // 4 % 2 * 4 + 100)[None, :, None]
    by_look = [(1, 1, Algorithm.PDQ, hash_of(faint))]
    by_file = [(2, 1, Algorithm.SHA256, hash_of(faint, Algorithm.SHA256))]
    assert detect(live(bank(), entries=by_look), image(faint)) == [()]
    assert sources(detect(live(bank(), entries=[*by_look, *by_file]), image(faint))[0]) == ["bank:memes/2"]


def test_every_frame_of_an_animation_is_looked_at_and_named():
    banks_now = live(bank(), entries=[(7, 1, Algorithm.PDQ, hash_of(scene(2)))])
    ((signal,),) = detect(banks_now, image(scene(), scene(2), scene(3), scene(2), numbers=[0, 5, 10, 15]))
    assert [(region.frame, region.source) for region in signal.regions] == [(5, "bank:memes/7"), (15, "bank:memes/7")]
    assert signal.reason.startswith("Frame 5 looks like")


ALLOW = bank(9, "harmless", BankKind.ALLOW)


@pytest.mark.parametrize(
    ("block_distance", "allow_distance", "is_found"),
    [(10, 0, False), (10, 9, False), (10, 10, False), (10, 11, True), (0, 25, True), (0, 0, False)],
)
def test_an_allow_bank_takes_back_what_looks_less_alike_than_its_own_entry(block_distance, allow_distance, is_found):
    entries = [
        (1, 1, Algorithm.PDQ, hash_of(scene(), differing=block_distance)),
        (2, 9, Algorithm.PDQ, hash_of(scene(), differing=allow_distance)),
    ]
    (signals,) = detect(live(bank(), ALLOW, entries=entries), image(scene()))
    assert sources(signals) == (["bank:memes/1"] if is_found else [])


def test_the_known_picture_itself_goes_on_matching_although_it_looks_like_its_false_alarm():
    known, alarm = hash_of(scene()), hash_of(scene(), differing=20)
    entries = [(1, 1, Algorithm.PDQ, known), (2, 9, Algorithm.PDQ, alarm)]
    (signals,) = detect(live(bank(), ALLOW, entries=entries), image(scene()))
    assert sources(signals) == ["bank:memes/1"]


def test_an_allowed_file_takes_back_looks_but_no_known_file():
    allowed = (2, 9, Algorithm.SHA256, hash_of(scene(), Algorithm.SHA256))
    by_look = (1, 1, Algorithm.PDQ, hash_of(scene()))
    by_file = (3, 1, Algorithm.MD5, hash_of(scene(), Algorithm.MD5))
    assert detect(live(bank(), ALLOW, entries=[allowed, by_look]), image(scene())) == [()]
    (signals,) = detect(live(bank(), ALLOW, entries=[allowed, by_look, by_file]), image(scene()))
    assert sources(signals) == ["bank:memes/3"]


def test_an_allowed_frame_does_not_hide_the_others():
    entries = [(1, 1, Algorithm.PDQ, hash_of(scene(2))), (2, 9, Algorithm.PDQ, hash_of(scene()))]
    (signals,) = detect(live(bank(), ALLOW, entries=entries), image(scene(), scene(2)))
    assert sources(signals) == ["bank:memes/1"]


def test_a_disabled_bank_is_not_looked_into_and_a_disabled_allow_bank_takes_nothing_back():
    entries = [(1, 1, Algorithm.PDQ, hash_of(scene())), (2, 9, Algorithm.PDQ, hash_of(scene()))]
    off = bank(9, "harmless", BankKind.ALLOW, is_enabled=False)
    assert sources(detect(live(bank(), off, entries=entries), image(scene()))[0]) == ["bank:memes/1"]
    assert detect(live(bank(is_enabled=False), entries=entries), image(scene())) == [()]


def test_entries_whose_bank_is_not_there_yet_are_found_by_nobody():
    entries = [(1, 50, Algorithm.PDQ, hash_of(scene())), (2, 1, Algorithm.PDQ, hash_of(scene(), differing=2))]
    banks_now = live(bank(), entries=entries)
    assert sources(detect(banks_now, image(scene()))[0]) == ["bank:memes/2"]
    banks_now.set_banks([bank(), bank(50, "late")])
    assert sources(detect(banks_now, image(scene()))[0]) == ["bank:late/1", "bank:memes/2"]


def test_entries_and_banks_come_and_go_while_it_runs():
    banks_now = live(bank(), bank(2, "adverts"))
    detector = HashBankDetector(banks=banks_now)

    def found():
        return sources(detector.detect([image(scene())])[0])

    assert found() == []
    banks_now.add(Algorithm.PDQ, [1, 2], [1, 2], hash_of(scene()) + hash_of(scene(), differing=1))
    assert found() == ["bank:memes/1", "bank:adverts/2"]
    banks_now.remove([1])
    assert found() == ["bank:adverts/2"]
    assert len(banks_now) == 1
    banks_now.set_banks([bank()])
    assert found() == []
    assert len(banks_now) == 0


def test_the_version_says_what_is_in_the_banks_and_is_the_same_everywhere():
    entries = [(1, 1, Algorithm.PDQ, hash_of(scene()))]
    first, second = live(bank(), entries=entries), live(bank(), entries=entries)
    versions = [HashBankDetector(banks=first).version]
    assert re.fullmatch(r"1-[0-9a-f]{12}", versions[0])
    assert HashBankDetector(banks=second).version == versions[0]
    first.set_banks([bank(change=2)])
    versions.append(first.version)
    first.remove([1])
    first.set_banks([bank(change=2)])
    versions.append(first.version)
    assert len(set(versions)) == 3


def test_a_signal_bears_the_version_that_it_was_made_with():
    banks_now = live(bank(), entries=[(1, 1, Algorithm.PDQ, hash_of(scene()))])
    detector = HashBankDetector(banks=banks_now)
    ((signal,),) = detector.detect([image(scene())])
    assert signal.version == detector.version


def test_a_match_of_a_file_has_no_quality():
    match = Match(bank(), 3, Algorithm.MD5, 0)
    assert (match.is_file, match.score, match.quality) == (True, 1.0, None)


def test_it_looks_for_the_labels_of_banks_that_can_match_something():
    entries = [(1, 1, Algorithm.PDQ, hash_of(scene())), (2, 2, Algorithm.MD5, hash_of(scene(), Algorithm.MD5))]
    entries += [(3, 9, Algorithm.PDQ, hash_of(scene(2))), (4, 3, Algorithm.PDQ, hash_of(scene(3)))]
    empty, off = bank(4, "empty", label=Label.HATE), bank(3, "off", label=Label.SPAM, is_enabled=False)
    banks_now = live(bank(), bank(2, "flags", label=Label.EXTREMISM), off, empty, ALLOW, entries=entries)
    detector = HashBankDetector(banks=banks_now)
    assert detector.live_labels == {Label.SCAM, Label.EXTREMISM}
    banks_now.remove([2])
    banks_now.set_banks([bank(), bank(2, "flags", label=Label.EXTREMISM)])
    assert detector.live_labels == {Label.SCAM}
    banks_now.set_banks([])
    assert detector.live_labels == HashBankDetector().live_labels == frozenset()
