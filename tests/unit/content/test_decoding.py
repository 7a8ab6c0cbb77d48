"""From the bytes of a file to an image or a named error, through workers that do what workers should not."""

import dataclasses
import gc
import hashlib
import importlib.util
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image as Pillow

from drawings import encoded, quadrants
from evenhand.content.decoding import Decoder, is_available, sniff
from evenhand.content.image import Image
from evenhand.core.content import ImageFile
from evenhand.core.errors import ConfigurationError, EvenhandError, InputError, TooLargeError
from mutations import HAS_HEIC, HEIC, bombs, samples

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'

#: How a worker begins that greets as it should, reads one request, and goes wrong then.
GREETS = """
import json, os, sys, time
from evenhand.content import decode_worker as worker
requests, answers = sys.stdin.buffer, sys.stdout.buffer
worker.write_message(answers, {})
worker.read_message(requests, most_bytes=1 << 30)
"""
HANGS = GREETS + "time.sleep(600)"
#: A worker like any other, but for BMP.
HANGS_ON_BMP = """
import time
from evenhand.content import decode_worker as worker
real = worker.answer
worker.answer = lambda data, name: time.sleep(600) if name == "BMP" else real(data, name)
worker.main()
"""


@pytest.fixture(scope="module")
def decoder():
    with Decoder() as decoder:
        yield decoder


def planted(code, **options):
    """Return a decoder whose workers run `code`."""
    decoder = Decoder(**options)
    decoder._command = [sys.executable, "-c", code]
    return decoder


def heal(decoder):
    decoder._command = Decoder()._command
    decoder._seconds = 30.0


def error_of(decoder, data, media_type="", **options):
    with pytest.raises(InputError) as raised:
        decoder.decode(ImageFile(data, media_type), **options)
    return raised.value


def wait_until(holds):
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def is_running(process_id):
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("name", samples())
def test_every_kind_of_file_becomes_an_image(decoder, name):
    image = decoder.decode(ImageFile(samples()[name]))
    assert isinstance(image, Image)
    assert image.format == name.split()[0]
    assert sorted((image.width, image.height)) in ([36, 48], [16, 16])
    for frame in image.frames:
        assert frame.pixels.shape == (image.height, image.width, 3)
        assert frame.number < image.frame_count


def test_an_image_has_the_pixels_of_its_file(decoder):
    image = decoder.decode(ImageFile(encoded(quadrants(), "PNG")))
    (frame,) = image.frames
    assert Pillow.fromarray(frame.pixels).tobytes() == quadrants().tobytes()
    assert not frame.pixels.flags.writeable


def test_the_frames_of_an_animation_keep_their_numbers_and_their_order(decoder):
    frames = [Pillow.new("RGB", (8, 8), (0, 5 * number, 0)) for number in range(50)]
    image = decoder.decode(ImageFile(encoded(frames[0], "PNG", save_all=True, append_images=frames[1:])))
    assert image.frame_count == 50
    assert [frame.number for frame in image.frames] == [0, 7, 14, 21, 28, 35, 42, 49]
    assert [frame.pixels[0, 0, 1] for frame in image.frames] == [5 * frame.number for frame in image.frames]


def test_what_can_be_seen_through_has_two_frames_of_one_number(decoder):
    image = decoder.decode(ImageFile(encoded(Pillow.new("RGBA", (8, 8), (255, 255, 255, 0)), "PNG")))
    assert [(frame.number, frame.pixels.max()) for frame in image.frames] == [(0, 255), (0, 0)]


def test_an_image_bears_the_hashes_of_its_file(decoder):
    file = samples()["JPEG"]
    image = decoder.decode(ImageFile(file))
    assert image.md5 == hashlib.md5(file).hexdigest()
    assert image.sha256 == hashlib.sha256(file).hexdigest()


def test_no_metadata_are_kept(decoder):
    exif = Pillow.Exif()
    exif[0x010E] = "somebody's garden"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    file = encoded(quadrants(), "JPEG", exif=exif, comment=b"somebody's garden")
    assert file.count(b"somebody's garden") == 2
    image = decoder.decode(ImageFile(file))
    names = [field.name for field in dataclasses.fields(image)]
    assert names == ["frames", "format", "width", "height", "frame_count", "md5", "sha256"]
    assert b"garden" not in b"".join(frame.pixels.tobytes() for frame in image.frames)


def test_no_bytes_are_no_image(decoder):
    error = error_of(decoder, b"", field="input[1].image")
    assert (error.code, error.field) == ("image.empty", "input[1].image")


def test_a_file_may_have_so_many_bytes_and_no_more():
    with Decoder(max_bytes=len(samples()["PNG"])) as decoder:
        assert decoder.decode(ImageFile(samples()["PNG"]))
        error = error_of(decoder, samples()["PNG"] + b"\0")
    assert error.code == "image.too_large"
    assert isinstance(error, TooLargeError)


@pytest.mark.parametrize(
    "data",
    [
        b"\0",
        b"some text",
        b"BMX is a kind of sport, and this is a text about it",
        SVG,
        b"%PDF-1.7",
        b"GIF88a",
        b"RIFF\0\0\0\0WAVEfmt ",
        b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
        encoded(quadrants(), "PPM"),
        encoded(quadrants(), "ICO"),
        encoded(quadrants(), "JPEG2000"),
        encoded(quadrants(), "EPS"),
    ],
    ids=range(12),
)
def test_what_is_no_image_of_an_accepted_format_is_said_to_be_none(decoder, data):
    error = error_of(decoder, data, "image/svg+xml")
    assert error.code == "image.format"
    assert "JPEG" in error.remedy


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("PNG", "image/jpeg"),
        ("JPEG", "image/png"),
        ("GIF", "IMAGE/WEBP"),
        ("PNG", "image/svg+xml"),
        ("AVIF", "image/heic"),
        ("PNG", "image/"),
    ],
)
def test_a_lie_in_the_media_type_is_found(decoder, name, media_type):
    error = error_of(decoder, samples()[name], media_type)
    assert error.code == "image.type_mismatch"
    assert name in str(error)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("PNG", ""),
        ("PNG", "application/octet-stream"),
        ("PNG", "image/*"),
        ("PNG", "image/png"),
        ("PNG", " Image/PNG; charset=binary"),
        ("PNG animated", "image/apng"),
        ("JPEG", "image/jpg"),
        ("JPEG", "image/jpeg"),
        ("BMP", "image/x-ms-bmp"),
        ("TIFF", "image/tiff"),
        ("WEBP", "image/webp"),
        ("AVIF", "image/avif"),
    ],
)
def test_an_honest_media_type_or_none_is_accepted(decoder, name, media_type):
    assert decoder.decode(ImageFile(samples()[name], media_type))


@pytest.mark.parametrize(
    ("name", "code", "kind"),
    [
        ("PNG of 400 megapixels", "image.too_many_pixels", TooLargeError),
        ("PNG strip", "image.too_many_pixels", TooLargeError),
        ("GIF of 5000 frames", "image.too_many_frames", TooLargeError),
        ("PNG with much text", "image.corrupt", InputError),
    ],
)
def test_a_bomb_is_an_error_with_a_code(decoder, name, code, kind):
    error = error_of(decoder, bombs()[name], field="items[0]")
    assert (error.code, error.field, type(error)) == (code, "items[0]", kind)
    assert error.remedy
    assert decoder.replaced == 0


def test_a_truncated_file_is_an_error_with_a_code(decoder):
    assert error_of(decoder, samples()["JPEG"][:-100]).code == "image.truncated"


def test_a_truncated_animation_is_an_error_and_not_a_shorter_one(decoder):
    for name in ("PNG animated", "GIF animated", "WEBP animated", "AVIF animated"):
        assert error_of(decoder, samples()[name][:-100]).code == "image.truncated"


@pytest.mark.skipif(HAS_HEIC, reason="HEIC can be decoded here")
def test_heic_is_refused_where_nothing_reads_it(decoder):
    assert error_of(decoder, HEIC).code == "image.format"


@pytest.mark.skipif(not HAS_HEIC, reason="needs pi-heif")
def test_heic_is_decoded_where_something_reads_it(decoder):
    image = decoder.decode(ImageFile(HEIC, "image/heic"))
    assert (image.format, image.width, image.height) == ("HEIF", 16, 16)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "AVIF"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1heicmiaf", "HEIF"),
        (b"\0\0\0\x14ftypmif1\0\0\0\0mif1heicmiaf", ""),
        (b"\xff\xff\xff\xffftypmsf1" + b"none" * 1000 + b"avif", ""),
        (b"MM\0*", "TIFF"),
        (b"", ""),
    ],
)
def test_the_first_bytes_tell_the_format(data, name):
    assert sniff(data) == name


def test_an_image_that_takes_too_long_is_refused_and_its_worker_replaced():
    with Decoder(workers=1, seconds=0.01) as decoder:
        error = error_of(decoder, bombs()["PNG of 49 megapixels"])
        assert error.code == "image.timeout"
        assert "0.01 s" in error.message
        assert decoder.replaced == 1
        assert decoder.process_ids == frozenset()
        heal(decoder)
        assert decoder.decode(ImageFile(samples()["PNG"]))


def test_a_worker_that_hangs_is_killed():
    with planted(HANGS, seconds=0.05) as decoder:
        assert error_of(decoder, samples()["PNG"]).code == "image.timeout"
        assert decoder.replaced == 1


def test_a_worker_that_does_not_even_read_is_killed():
    code = GREETS.replace("worker.read_message(requests, most_bytes=1 << 30)", "time.sleep(600)")
    with planted(code, seconds=0.05) as decoder:
        assert error_of(decoder, samples()["PNG"] + bytes(1_000_000)).code == "image.timeout"


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_worker_that_is_killed_at_work_is_an_error_and_replaced():
    with planted(HANGS, seconds=600) as decoder, ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(error_of, decoder, samples()["PNG"])
        wait_until(lambda: [worker.tasks for worker in decoder._workers] == [1])
        (process_id,) = decoder.process_ids
        os.kill(process_id, signal.SIGKILL)
        assert waiting.result().code == "image.memory"
        assert decoder.replaced == 1
        heal(decoder)
        assert decoder.decode(ImageFile(samples()["PNG"]))


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_worker_that_is_killed_while_idle_is_replaced_unseen():
    with Decoder(workers=1) as decoder:
        decoder.decode(ImageFile(samples()["PNG"]))
        (worker,) = decoder._workers
        worker.process.kill()
        worker.process.wait()
        assert decoder.decode(ImageFile(samples()["PNG"]))
        assert decoder.replaced == 1
        assert worker.process.pid not in decoder.process_ids


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux says how much memory a process has")
def test_an_image_that_takes_too_much_memory_is_refused_and_its_worker_replaced():
    with Decoder(workers=1) as decoder:
        decoder._command.append(str(60 << 20))
        assert error_of(decoder, bombs()["PNG of 49 megapixels"]).code == "image.memory"
        assert decoder.replaced == 1
        assert decoder.decode(ImageFile(samples()["PNG"]))


@pytest.mark.parametrize(
    "answer",
    [
        "os._exit(1)",
        "os.abort()",
        "answers.write(b'?' * 100); answers.flush(); time.sleep(600)",
        "answers.write(worker._HEADER.pack(worker._MARK, 2, 0xffffffff)); answers.flush(); time.sleep(600)",
        "answers.write(worker._HEADER.pack(worker._MARK, 9, 0) + b'not JSON!'); answers.flush(); time.sleep(600)",
        "worker.write_message(answers, {}); time.sleep(600)",
        "worker.write_message(answers, []); time.sleep(600)",
        "worker.write_message(answers, {'error': 'image.unheard_of'}); time.sleep(600)",
        "worker.write_message(answers, {'error': 5}); time.sleep(600)",
        "worker.write_message(answers, {'more': 5}); time.sleep(600)",
        "say(1, 1, 1, [[0, 1, 1]], 2)",
        "say(1, 1, 1, [[0, 1, 1]], 4)",
        "say(0, 1, 1, [[0, 1, 1]], 3)",
        "say(1, 1, 1, [[0, -1, -1]], 3)",
        "say(1, 1, 1, [[1, 1, 1]], 3)",
        "say(1, 1, 1, [[0, 0, 1]], 0)",
        "say(1, 1, 1, [[0, 1.5, 2]], 9)",
        "say(1, 1, 1, [[0, 1]], 3)",
        "say(1, 1, 1, [[0, 1001, 1000]], 3003000)",
        "say(1, 1, 1, [], 0)",
    ],
)
def test_a_worker_that_dies_or_talks_nonsense_is_replaced(answer):
    say = """
def say(width, height, count, frames, size):
    head = {"width": width, "height": height, "frame_count": count, "frames": frames}
    worker.write_message(answers, head, [bytes(size)])
    time.sleep(600)
"""
    with planted(GREETS + say + answer, seconds=600) as decoder:
        assert error_of(decoder, samples()["PNG"]).code == "image.memory"
        assert decoder.replaced == 1
        assert decoder.process_ids == frozenset()


@pytest.mark.parametrize("command", [[sys.executable, "-c", "pass"], ["/no/such/program"]])
def test_a_worker_that_does_not_start_is_nobodys_input(command):
    decoder = Decoder()
    decoder._command = command
    with decoder, pytest.raises(EvenhandError) as raised:
        decoder.decode(ImageFile(samples()["PNG"]))
    assert raised.value.code == "image.decoder"
    assert not isinstance(raised.value, InputError)


def test_several_threads_share_the_workers():
    files = [ImageFile(encoded(Pillow.new("RGB", (8, 8), (number, 0, 0)), "PNG")) for number in range(60)]
    with Decoder(workers=2, seconds=60) as decoder, ThreadPoolExecutor(6) as threads:
        images = list(threads.map(decoder.decode, files))
        assert len(decoder.process_ids) <= 2
    assert [image.frames[0].pixels[0, 0, 0] for image in images] == list(range(60))


def test_what_hangs_in_one_thread_does_not_disturb_the_others():
    with planted(HANGS_ON_BMP, seconds=2.0) as decoder, ThreadPoolExecutor(4) as threads:
        decoder.decode(ImageFile(samples()["PNG"]))
        hanging = threads.submit(error_of, decoder, samples()["BMP"])
        good = [threads.submit(decoder.decode, ImageFile(samples()["PNG"])) for _ in range(30)]
        assert all(image.result().format == "PNG" for image in good)
        assert hanging.result().code == "image.timeout"
        assert decoder.replaced == 1


def test_a_worker_is_relieved_after_its_tasks():
    with Decoder(workers=1, tasks_per_worker=2) as decoder:
        seen = set()
        for _ in range(4):
            seen |= decoder.process_ids
            decoder.decode(ImageFile(samples()["PNG"]))
        assert len(seen) == 2
        assert decoder.process_ids == frozenset()
        assert decoder.replaced == 0


def test_workers_start_with_the_first_image_and_end_with_the_decoder():
    decoder = Decoder()
    assert decoder.process_ids == frozenset()
    decoder.decode(ImageFile(samples()["PNG"]))
    (process_id,) = decoder.process_ids
    decoder.close()
    decoder.close()
    assert decoder.process_ids == frozenset()
    assert not is_running(process_id)
    with pytest.raises(RuntimeError, match="closed"):
        decoder.decode(ImageFile(samples()["PNG"]))


def test_a_decoder_that_is_closed_lets_work_at_hand_be_done():
    begun = threading.Event()
    decoder = planted(HANGS_ON_BMP.replace("600", "0.3) or real(data, name"), seconds=60)
    with ThreadPoolExecutor(1) as threads:
        working = threads.submit(lambda: begun.set() or decoder.decode(ImageFile(samples()["BMP"])))
        begun.wait()
        wait_until(lambda: [worker.tasks for worker in decoder._workers] == [1])
        decoder.close()
        assert working.result().format == "BMP"
    assert decoder.process_ids == frozenset()


def test_a_decoder_that_is_forgotten_leaves_no_process():
    decoder = Decoder()
    decoder.decode(ImageFile(samples()["PNG"]))
    (process_id,) = decoder.process_ids
    del decoder
    gc.collect()
    assert not is_running(process_id)


def test_a_script_needs_no_main_guard_and_no_close(tmp_path):
    script = tmp_path / "script.py"
    (tmp_path / "picture").write_bytes(samples()["PNG"])
    script.write_text(
        "from pathlib import Path\n"
        "from evenhand.content.decoding import Decoder\n"
        "from evenhand.core.content import ImageFile\n"
        "decoder = Decoder()\n"
        "image = decoder.decode(ImageFile(Path(__file__).with_name('picture').read_bytes()))\n"
        "print(image.width, *decoder.process_ids)",
        encoding="utf-8",
    )
    ended = subprocess.run([sys.executable, "-I", script], capture_output=True, text=True, check=True)
    width, process_id = ended.stdout.split()
    assert width == "48"
    assert not is_running(int(process_id))
    assert ended.stderr == ""


def test_a_worker_is_told_no_secrets(monkeypatch):
    monkeypatch.setenv("EVENHAND_TEST_SECRET", "secret")
    # One that starts was told none, and then there is an answer, if a bad one.
    with planted("import os\nassert 'secret' not in str(os.environ)\n" + GREETS) as decoder:
        assert error_of(decoder, samples()["PNG"]).code == "image.memory"


def test_without_pillow_there_is_no_decoder(monkeypatch):
    assert is_available()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert not is_available()
    with pytest.raises(ConfigurationError) as raised:
        Decoder()
    assert raised.value.code == "image.not_installed"
    assert raised.value.remedy == "pip install 'evenhand[images]'"


def test_to_import_the_module_loads_neither_pillow_nor_numpy():
    code = "import sys, evenhand.content.decoding; print([name for name in ('PIL', 'numpy') if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
