"""Shots found in films whose cuts and fades are known, and the stills that are taken of them."""

import av
import numpy as np
import pytest
from PIL import Image

from clips import Film, Flicker, Grain, Pan, Shake, Shape, film, plain, scene, write
from evenhand.content.shots import HEIGHT, WIDTH, ShotFinder, StillChooser

FILMS = 20
#: Seconds after the end of a change within which it has to be found.
LATE = 0.6


def small(picture):
    return np.asarray(Image.fromarray(picture).convert("L").resize((WIDTH, HEIGHT), Image.Resampling.BOX))


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Return films as they are after they were encoded and decoded: what is known of each, and its frames by time."""
    folder = tmp_path_factory.mktemp("films")
    made = []
    for seed in range(FILMS):
        known = film(seed)
        path = write(folder / f"{seed}.mp4", known.frames, rate=known.rate)
        with av.open(str(path)) as file:
            frames = [(frame.time, frame.to_ndarray(format="rgb24")) for frame in file.decode(video=0)]
        made.append((known, frames))
    return made


def begins(frames):
    """Return when shots begin after the first."""
    finder = ShotFinder()
    return [seconds for seconds, picture in frames if finder.look(seconds, small(picture))][1:]


def stills(frames):
    chooser = StillChooser()
    taken = [taken for seconds, picture in frames for taken in chooser.offer(seconds, small(picture), picture)]
    return taken + chooser.finish()


def at_rate(pictures, rate=15):
    return [(number / rate, picture) for number, picture in enumerate(pictures)]


def matched(known: Film, found):
    """Return which changes were missed, and what was found beside them."""
    left, missed = list(found), []
    for begin, end in known.changes:
        following = next((other for other, _ in known.changes if other > end), known.seconds)
        until = min(end + LATE, max(end + 0.1, following - 0.01))
        hits = [seconds for seconds in left if begin - 0.01 <= seconds <= until]
        left = [seconds for seconds in left if seconds not in hits]
        if not hits:
            missed.append((begin, end))
    return missed, left


def test_the_films_have_everything_that_is_hard():
    kinds = [(begin == end) for seed in range(FILMS) for begin, end in film(seed).changes]
    assert kinds.count(True) >= 30
    assert kinds.count(False) >= 30


@pytest.mark.parametrize("seed", range(FILMS))
def test_every_cut_and_every_fade_is_found(films, seed):
    known, frames = films[seed]
    missed, _ = matched(known, begins(frames))
    assert missed == []


def test_hardly_anything_else_is_taken_for_a_cut(films):
    false = sum(len(matched(known, begins(frames))[1]) for known, frames in films)
    minutes = sum(known.seconds for known, _ in films) / 60
    assert false <= minutes


@pytest.mark.parametrize("seed", range(FILMS))
def test_every_still_of_half_a_second_is_chosen(films, seed):
    known, frames = films[seed]
    chosen = [still for still in stills(frames) if still.is_chosen]
    for picture, begin, end in known.planted:
        shown = [still.picture for still in chosen if begin - 0.01 <= still.seconds < end]
        assert any(np.abs(other.astype(float) - picture).mean() < 8 for other in shown), (begin, end)


@pytest.mark.parametrize("skipped", [2, 3])
def test_shots_are_found_where_frames_are_left_out(films, skipped):
    missed = [matched(known, begins(frames[::skipped]))[0] for known, frames in films]
    assert sum(map(len, missed)) <= 2


@pytest.mark.parametrize("way", [Shape, Grain, Flicker, Pan, Shake])
def test_what_moves_is_no_cut(way):
    source = np.random.default_rng(5)
    found = []
    for seed in range(6):
        material = way(scene(seed), source)
        found += begins(at_rate([material.at(number / 15) for number in range(150)]))
    assert len(found) <= 2


def test_one_picture_has_one_shot_whatever_it_is():
    for picture in (plain(), plain(colour=(0, 0, 0)), scene(3)):
        assert begins(at_rate([picture] * 100)) == []


def test_a_slow_change_is_a_change():
    pictures = [scene(1) * (1 - share) + scene(2) * share for share in np.linspace(0, 1, 60)]
    frames = at_rate([scene(1)] * 15 + [picture.astype(np.uint8) for picture in pictures] + [scene(2)] * 30)
    assert any(2 < seconds < 5.5 for seconds in begins(frames))


def test_a_still_is_chosen_every_few_seconds_and_others_are_kept_between():
    taken = stills(at_rate([scene(1)] * 450))
    chosen = [still.seconds for still in taken if still.is_chosen]
    assert chosen[0] < 0.5
    assert max(np.diff(chosen)) <= 4.001
    assert max(np.diff([still.seconds for still in taken])) <= 1.1
    assert len(taken) <= 33


def test_frames_that_stand_for_long_are_all_taken():
    frames = [(10.0 * number, scene(number)) for number in range(5)]
    assert [still.seconds for still in stills(frames) if still.is_chosen] == [0, 10, 20, 30, 40]


def test_a_frame_that_stands_for_long_is_taken_when_it_begins():
    assert stills([(0.0, scene(1)), (30.0, scene(1))])[0].seconds == 0


def test_one_frame_is_a_still():
    (still,) = stills([(7.0, scene(1))])
    assert (still.seconds, still.is_chosen) == (7, True)


def test_no_frames_have_no_stills():
    assert stills([]) == []


def test_stills_of_fast_shots_are_rationed_and_a_longer_one_gets_its_own():
    storm = [scene(number) for number in range(100, 190)]
    for place in range(20, 70, 7):
        frames = at_rate([*storm[:place], *[scene(7)] * 10, *storm[place:]], 20)
        chosen = [still for still in stills(frames) if still.is_chosen]
        assert len(chosen) <= 2 * len(frames) / 20 + 3
        assert any(still.picture is frames[place][1] for still in chosen)


def test_shots_of_half_a_second_all_have_stills():
    pictures = [scene(number) for number in range(40)]
    frames = at_rate([picture for picture in pictures for _ in range(8)], 15)
    chosen = [still.picture for still in stills(frames) if still.is_chosen]
    assert all(any(picture is other for other in chosen) for picture in pictures)


def test_what_fades_in_from_black_is_taken_when_it_is_there():
    pictures = [(scene(4) * share).astype(np.uint8) for share in np.linspace(0, 1, 15)]
    frames = at_rate([scene(1)] * 15 + pictures + [scene(4)] * 10)
    assert any(
        still.is_chosen and np.abs(still.picture.astype(float) - scene(4)).mean() < 8 for still in stills(frames)
    )


def test_a_flash_does_not_hide_what_it_shows():
    frames = at_rate([scene(1)] * 30 + [scene(9)] + [scene(1)] * 30)
    assert any(still.is_chosen and np.array_equal(still.picture, scene(9)) for still in stills(frames))


def test_no_frame_is_taken_twice():
    for seed in range(5):
        known = film(seed)
        times = [still.seconds for still in stills(at_rate(known.frames))]
        assert times == sorted(set(times))
