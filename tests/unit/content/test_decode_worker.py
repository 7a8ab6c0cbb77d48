"""What a worker makes of files, asked through its own pipes as the server asks it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from drawings import encoded, quadrants
from evenhand.content.decode_worker import (
    FORMATS,
    MAX_AREA,
    MAX_BODY,
    MAX_FRAMES,
    MAX_SAMPLED,
    File,
    fitted,
    is_cut,
    read_message,
    sampled,
    write_message,
)
from mutations import COLOUR, GREY, PALETTE, bombs, chunk, png, samples

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)
WHITE, BLACK = (255, 255, 255), (0, 0, 0)


class Worker:
    """A worker and the pipes to it."""

    def __init__(self, *arguments, program=("-m", "evenhand.content.decode_worker")):
        command = [sys.executable, *program, *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.greeting = self.read()

    def read(self):
        message = read_message(self.process.stdout, most_bytes=MAX_BODY)
        return message and (json.loads(message[0]), message[1])

    def ask(self, data, format_name):
        write_message(self.process.stdin, {"format": format_name, "seconds": 30}, [data])
        return self.read()

    def error(self, data, format_name):
        return self.ask(data, format_name)[0]["error"]

    def views(self, data, format_name):
        """Return the frames of the answer as pictures, each with its number."""
        head, body = self.ask(data, format_name)
        views, at = [], 0
        for number, width, height in head["frames"]:
            end = at + width * height * 3
            views.append((number, Image.frombytes("RGB", (width, height), body[at:end])))
            at = end
        assert at == len(body)
        return views

    def view(self, data, format_name):
        ((_, view),) = self.views(data, format_name)
        return view

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        self.process.kill()
        self.process.communicate()


@pytest.fixture(scope="module")
def worker():
    with Worker() as worker:
        yield worker


def near(colour, other, by=12):
    return all(abs(one - two) <= by for one, two in zip(colour, other, strict=True))


def corners(view):
    right, lower = view.width - 1, view.height - 1
    return [view.getpixel(place) for place in ((0, 0), (right, 0), (0, lower), (right, lower))]


def has_corners(view, colours, by=12):
    return all(near(one, two, by) for one, two in zip(corners(view), colours, strict=True))


def test_a_worker_says_when_it_is_ready(worker):
    assert worker.greeting == ({}, b"")


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_comes_out_as_it_went_in(worker, format_name):
    file = encoded(quadrants(), format_name)
    head, body = worker.ask(file, format_name)
    assert head == {"width": 48, "height": 36, "frame_count": 1, "frames": [[0, 48, 36]]}
    assert len(body) == 48 * 36 * 3
    assert has_corners(worker.view(file, format_name), [RED, GREEN, BLUE, YELLOW], by=40)


@pytest.mark.parametrize("name", samples())
def test_every_kind_of_file_is_decoded(worker, name):
    assert worker.views(samples()[name], name.split()[0])


@pytest.mark.parametrize(
    ("orientation", "expected"),
    [
        (1, [RED, GREEN, BLUE, YELLOW]),
        (2, [GREEN, RED, YELLOW, BLUE]),
        (3, [YELLOW, BLUE, GREEN, RED]),
        (4, [BLUE, YELLOW, RED, GREEN]),
        (5, [RED, BLUE, GREEN, YELLOW]),
        (6, [BLUE, RED, YELLOW, GREEN]),
        (7, [YELLOW, GREEN, BLUE, RED]),
        (8, [GREEN, YELLOW, RED, BLUE]),
        (9, [RED, GREEN, BLUE, YELLOW]),
    ],
)
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_is_turned_the_way_it_is_shown(worker, format_name, orientation, expected):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = encoded(quadrants(), format_name, exif=exif)
    assert has_corners(worker.view(file, format_name), expected, by=40)
    shown = (36, 48) if 5 <= orientation <= 8 else (48, 36)
    head, _ = worker.ask(file, format_name)
    assert (head["width"], head["height"]) == shown


def test_a_turned_avif_is_turned_once(worker):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert has_corners(worker.view(encoded(quadrants(), "AVIF", exif=exif), "AVIF"), [BLUE, RED, YELLOW, GREEN], by=40)


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(
    "exif",
    [b"Exif\0\0" + rest for rest in (b"nonsense", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 40)],
)
def test_corrupt_exif_is_no_reason_to_refuse_a_picture(worker, format_name, exif):
    view = worker.view(encoded(quadrants(), format_name, exif=exif), format_name)
    assert has_corners(view, [RED, GREEN, BLUE, YELLOW], by=40)


def test_cmyk_comes_out_in_the_right_colours(worker):
    for format_name in ("JPEG", "TIFF"):
        view = worker.view(encoded(quadrants().convert("CMYK"), format_name), format_name)
        assert has_corners(view, [RED, GREEN, BLUE, YELLOW], by=40)


def test_16_bits_of_grey_are_scaled_and_not_clipped(worker):
    ramp = Image.new("I;16", (4, 1))
    for place, value in enumerate((0, 257 * 64, 257 * 128, 65_535)):
        ramp.putpixel((place, 0), value)
    for format_name in ("PNG", "TIFF"):
        view = worker.view(encoded(ramp, format_name), format_name)
        assert [view.getpixel((place, 0))[0] for place in range(4)] == [0, 64, 128, 255]


def test_16_bits_of_big_endian_grey_are_scaled_too(worker):
    ramp = Image.new("I;16B", (2, 1))
    ramp.putpixel((1, 0), 257 * 200)
    view = worker.view(encoded(ramp, "TIFF"), "TIFF")
    assert [view.getpixel((place, 0))[0] for place in range(2)] == [0, 200]


@pytest.mark.parametrize("mode", ["I", "F"])
def test_numbers_of_any_range_are_stretched_from_black_to_white(worker, mode):
    ramp = Image.new(mode, (3, 1))
    for place, value in enumerate((-1000, 0, 1000)):
        ramp.putpixel((place, 0), value)
    view = worker.view(encoded(ramp, "TIFF"), "TIFF")
    assert [view.getpixel((place, 0))[0] for place in range(3)] == [0, 127, 255]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 7.0])
def test_numbers_without_a_range_are_a_picture_all_the_same(worker, value):
    picture = Image.new("F", (3, 1), value)
    assert worker.view(encoded(picture, "TIFF"), "TIFF").size == (3, 1)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LAB"])
def test_every_mode_of_a_tiff_becomes_rgb(worker, mode):
    view = worker.view(encoded(Image.new("RGB", (8, 8), WHITE).convert(mode), "TIFF"), "TIFF")
    assert has_corners(view, [WHITE] * 4)


def test_what_can_be_seen_through_is_shown_on_white_and_on_black(worker):
    clear = Image.new("RGBA", (8, 8), (255, 255, 255, 0))
    clear.putpixel((0, 0), (255, 255, 255, 255))
    (first, on_white), (second, on_black) = worker.views(encoded(clear, "PNG"), "PNG")
    assert first == second == 0
    assert corners(on_white) == [WHITE] * 4
    assert corners(on_black) == [WHITE, BLACK, BLACK, BLACK]


def test_a_picture_with_an_unused_alpha_is_shown_once(worker):
    assert worker.view(encoded(Image.new("RGBA", (8, 8), (9, 9, 9, 255)), "PNG"), "PNG").getpixel((0, 0)) == (9, 9, 9)


@pytest.mark.parametrize(
    ("depth", "colour", "row", "transparent"),
    [
        (1, GREY, b"\x80", 1),
        (2, GREY, b"\x40", 1),
        (4, GREY, b"\x70", 7),
        (8, GREY, b"\x07\x00", 7),
        (16, GREY, b"\xff\xfe\xff\xff", 0xFFFE),
        (8, COLOUR, b"\x07\x07\x07\0\0\0", 7),
        (16, COLOUR, b"\x12\x34" * 3 + b"\xff\xff" * 3, 0x1234),
    ],
)
def test_the_transparent_colour_of_a_png_is_seen_at_every_depth(worker, depth, colour, row, transparent):
    value = transparent.to_bytes(2) * (3 if colour == COLOUR else 1)
    file = png((2, 1), depth=depth, colour=colour, rows=b"\0" + row, chunks=chunk(b"tRNS", value))
    (_, on_white), (_, on_black) = worker.views(file, "PNG")
    assert on_white.getpixel((0, 0)) == WHITE
    assert on_black.getpixel((0, 0)) == BLACK
    assert on_white.getpixel((1, 0)) == on_black.getpixel((1, 0))


def test_a_palette_may_be_half_transparent(worker):
    palette = chunk(b"PLTE", bytes(RED + GREEN)) + chunk(b"tRNS", b"\x80")
    file = png((2, 1), depth=8, colour=PALETTE, rows=b"\0\0\1", chunks=palette)
    (_, on_white), (_, on_black) = worker.views(file, "PNG")
    assert near(on_white.getpixel((0, 0)), (255, 127, 127))
    assert near(on_black.getpixel((0, 0)), (128, 0, 0))
    assert on_white.getpixel((1, 0)) == on_black.getpixel((1, 0)) == GREEN


@pytest.mark.parametrize("format_name", ["GIF", "PNG", "WEBP", "AVIF"])
def test_an_animation_is_sampled_from_first_to_last(worker, format_name):
    frames = [Image.new("RGB", (16, 16), (10 * number, 0, 250 - 10 * number)) for number in range(20)]
    file = encoded(frames[0], format_name, save_all=True, append_images=frames[1:], duration=40)
    head, _ = worker.ask(file, format_name)
    views = worker.views(file, format_name)
    assert head["frame_count"] == 20
    assert [number for number, _ in views] == [0, 3, 5, 8, 11, 14, 16, 19]
    for number, view in views:
        assert near(view.getpixel((8, 8)), frames[number].getpixel((8, 8)), by=20)


def test_the_picture_that_stands_in_for_an_apng_is_looked_at_too(worker):
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, GREEN, BLUE)]
    file = encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=True)
    assert [view.getpixel((0, 0)) for _, view in worker.views(file, "PNG")] == [RED, GREEN, BLUE]


def test_of_a_tiff_the_first_page_is_looked_at(worker):
    pages = [Image.new("RGB", (8, 8), colour) for colour in (RED, GREEN)]
    head, _ = worker.ask(encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:]), "TIFF")
    assert head["frame_count"] == 1
    assert head["frames"] == [[0, 8, 8]]


def test_of_a_phones_pictures_in_one_jpeg_the_first_is_looked_at(worker):
    pictures = [Image.new("RGB", (16, 16), colour) for colour in (RED, GREEN)]
    head, _ = worker.ask(encoded(pictures[0], "MPO", save_all=True, append_images=pictures[1:]), "JPEG")
    assert head["frames"] == [[0, 16, 16]]


@pytest.mark.parametrize(("mode", "format_name"), [("RGB", "JPEG"), ("L", "JPEG"), ("RGBA", "PNG"), ("P", "GIF")])
def test_a_large_picture_is_made_smaller_and_keeps_its_shape(worker, mode, format_name):
    file = encoded(quadrants((3000, 1500)).convert(mode), format_name)
    head, _ = worker.ask(file, format_name)
    assert (head["width"], head["height"]) == (3000, 1500)
    assert head["frames"] == [[0, 1414, 707]]


def test_fitting_keeps_shape_and_area():
    assert fitted(1000, 1000) == (1000, 1000)
    assert fitted(10, 20) == (10, 20)
    assert fitted(16_384, 1) == (16_384, 1)
    for size in ((7000, 7000), (16_384, 62), (62, 16_384), (1001, 1000), (16_384, 3000)):
        width, height = fitted(*size)
        assert 0.98 * MAX_AREA < width * height <= MAX_AREA
        assert width / height == pytest.approx(size[0] / size[1], rel=0.02)


def test_sampling_takes_first_and_last_and_no_frame_twice():
    for count in (1, 2, MAX_SAMPLED, MAX_SAMPLED + 1, 100, MAX_FRAMES):
        numbers = sampled(count)
        assert len(set(numbers)) == len(numbers) == min(count, MAX_SAMPLED)
        assert numbers[0] == 0
        assert numbers[-1] == count - 1


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("PNG of 400 megapixels", "image.too_many_pixels"),
        ("PNG of 400 megapixels in a palette", "image.too_many_pixels"),
        ("PNG strip", "image.too_many_pixels"),
        ("PNG of the largest size", "image.too_many_pixels"),
        ("PNG with much text", "image.corrupt"),
        ("PNG with a large profile", "image.corrupt"),
        ("PNG of a million frames", "image.too_many_frames"),
        ("GIF strip", "image.too_many_pixels"),
        ("GIF of the largest size", "image.too_many_pixels"),
        ("GIF that grows", "image.too_many_pixels"),
        ("GIF of 5000 frames", "image.too_many_frames"),
        ("WEBP of the largest size", "image.too_many_pixels"),
    ],
)
def test_a_bomb_is_refused_before_it_goes_off(worker, name, code):
    assert worker.error(bombs()[name], name.split()[0]) == code


@pytest.mark.parametrize("kind", [b"VP8 ", b"VP8L"])
def test_a_plain_webp_of_the_largest_size_is_refused(worker, kind):
    size = b"\xff\x3f\xff\x3f"
    payload = b"\0\0\0\x9d\x01\x2a" + size if kind == b"VP8 " else b"\x2f\xff\xff\xff\x0f"
    file = b"RIFF" + (100).to_bytes(4, "little") + b"WEBP" + kind + (50).to_bytes(4, "little") + payload
    assert worker.error(file + bytes(108 - len(file)), "WEBP") == "image.too_many_pixels"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("name", [name for name in samples() if name != "TIFF pages"])
def test_a_file_that_was_cut_off_is_said_to_be(worker, name, share):
    file = samples()[name]
    assert worker.error(file[: int(len(file) * share)], name.split()[0]) == "image.truncated"


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_file_that_is_only_a_beginning_is_refused(worker, format_name):
    file = samples()[format_name][:24] + b"\x55" * 400
    assert worker.error(file, format_name) in {"image.corrupt", "image.truncated", "image.too_many_pixels"}


def test_a_damaged_file_is_said_to_be(worker):
    file = bytearray(samples()["PNG"])
    file[29] ^= 1
    assert worker.error(bytes(file), "PNG") == "image.corrupt"


def test_a_worker_goes_on_after_a_bad_file(worker):
    assert worker.error(b"\x89PNG\r\n\x1a\n", "PNG") == "image.truncated"
    assert worker.view(samples()["PNG"], "PNG").size == (48, 36)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says how much memory a process has")
def test_memory_has_a_limit():
    with Worker(str(60 << 20)) as small:
        answer = small.ask(bombs()["PNG of 49 megapixels"], "PNG")
    assert answer is None or answer[0] == {"error": "image.memory"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits are read from /proc")
def test_a_worker_leaves_no_traces(worker):
    lines = Path(f"/proc/{worker.process.pid}/limits").read_text(encoding="ascii").splitlines()
    limits = {line[:25].strip(): line[25:].split()[:2] for line in lines}
    assert limits["Max core file size"] == ["0", "0"]
    assert limits["Max file size"] == ["0", "0"]
    assert limits["Max address space"][0].isdigit()


def test_the_costliest_picture_within_the_limits_fits_into_memory(worker):
    name = "PNG of 49 megapixels with a transparent grey"
    assert len(worker.views(bombs()[name], "PNG")) == 2


def test_what_a_library_prints_does_not_get_between_the_answers():
    code = (
        "from evenhand.content import decode_worker as worker; import os; real = worker.answer\n"
        "def answer(*arguments): print('noise', flush=True); os.write(1, b'noise'); return real(*arguments)\n"
        "worker.answer = answer; worker.main()"
    )
    with Worker(program=("-c", code)) as noisy:
        assert noisy.view(samples()["PNG"], "PNG").size == (48, 36)


def test_a_worker_ends_when_there_is_nobody_to_ask_it():
    with Worker() as left:
        left.process.stdin.close()
        assert left.process.wait() == 0
        left.process.stdin = None


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_a_worker_that_hangs_ends_by_itself_if_the_server_is_gone():
    code = (
        "import time\nfrom evenhand.content.decode_worker import ending_after\nwith ending_after(0.05): time.sleep(60)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode < 0


def test_to_import_the_module_loads_no_pillow():
    code = (
        "import sys, evenhand.content.decode_worker; print([name for name in ('PIL', 'numpy') if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_a_file_remembers_that_more_was_asked_of_it_than_there_is():
    file = File(b"x" * 10)
    assert file.read(4) == b"xxxx"
    assert len(file.read(65_536)) == 6
    assert not file.ran_out
    assert file.read(1) == b""
    assert file.ran_out


def test_a_file_that_states_its_length_is_known_to_be_cut():
    for name in ("WEBP", "AVIF"):
        assert not is_cut(samples()[name], name)
        assert is_cut(samples()[name][:-1], name)
    assert not is_cut(b"\0\0\0\0ftypavif", "AVIF")
    assert not is_cut(b"\0\0\0\1ftyp" + (24).to_bytes(8) + bytes(8), "AVIF")
    assert not is_cut(samples()["PNG"][:-1], "PNG")


@pytest.mark.parametrize("sent", [b"", b"EVH1", b"nonsense that is long enough", b"EVH1" + b"\xff" * 8])
def test_what_is_no_message_is_not_read(sent):
    assert read_message(File(sent), most_bytes=100) is None


def test_a_message_that_ends_early_is_not_read(tmp_path):
    with (tmp_path / "message").open("wb+") as file:
        write_message(file, {}, [b"body"])
        file.truncate(file.tell() - 1)
        file.seek(0)
        assert read_message(file, most_bytes=100) is None
