"""Image files for tests: real ones of every format, bombs, and ways to break them."""

import base64
import functools
import importlib.util
import struct
import zlib

from PIL import Image

from drawings import encoded, quadrants

#: 16 x 16 pixels, red; made with pillow-heif, because what decodes HEIC here cannot write it.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAXxtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAA"
    "AERAAAEAAQAAAAABoAABAAAAAAAAADQAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/GlwcnAAAADc"
    "aXBjbwAAAHVodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQApQgEBA3AAAAMAkAAAAwAA"
    "AwAeoCCBBZbqrprm4CGgwIAAAAyAAAADAIRiAAEABkQBwXPBiQAAABNjb2xybmNseAABAA0ABoAAAAAUaXNwZQAAAAAAAABAAAAAQAAAAChjbGFw"
    "AAAAEAAAAAEAAAAQAAAAAf///9AAAAAC////0AAAAAIAAAAQcGl4aQAAAAADCAgIAAAAGGlwbWEAAAAAAAAAAQABBYECAwWEAAAAPG1kYXQAAAAw"
    "KAGvCchZmNA5I1d//9SxH/5WLofvxftWfxOv6OxlOspDn0Sxk847vgyAh4O4Xstw"
)
HAS_HEIC = importlib.util.find_spec("pi_heif") is not None

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, COLOUR, PALETTE = 0, 2, 3


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def zeros(size: int) -> bytes:
    """Return a zlib stream of so many zeros, without compressing them all."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = compressor.compress(bytes(1 << 20)) + compressor.flush(zlib.Z_FULL_FLUSH)
    rest = zlib.compressobj(9, zlib.DEFLATED, -15)
    last = rest.compress(bytes(size % (1 << 20))) + rest.flush()
    return b"\x78\xda" + block * (size >> 20) + last + struct.pack(">HH", size % 65_521, 1)


def png(size, *, depth, colour, rows=b"", chunks=b"") -> bytes:
    """Return a PNG made by hand; `rows` are its raw rows, each with its filter's byte, or else all zeros."""
    width, height = size
    channels = {GREY: 1, COLOUR: 3, PALETTE: 1}[colour]
    data = zlib.compress(rows) if rows else zeros(height * (1 + (width * depth * channels + 7) // 8))
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return PNG_SIGNATURE + header + chunks + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def resized_png(size) -> bytes:
    """Return a PNG that says that it has this size, and does not have it."""
    file = png((8, 8), depth=8, colour=GREY)
    return with_right_checksums(file[:16] + struct.pack(">II", *size) + file[24:])


def with_right_checksums(data: bytes) -> bytes:
    """Return a PNG whose chunks pass their checks, so that what was done to it is looked at."""
    parts, at = [data[:8]], 8
    while at + 12 <= len(data):
        size = int.from_bytes(data[at : at + 4])
        if at + 12 + size > len(data):
            break
        parts.append(chunk(data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += 12 + size
    return b"".join([*parts, data[at:]])


@functools.cache
def samples() -> dict[str, bytes]:
    """Return small files of every format and of many kinds within it."""
    picture = quadrants()
    frames = [picture.rotate(90 * turn) for turn in range(4)]
    clear = picture.copy()
    clear.putalpha(Image.linear_gradient("L").resize(picture.size))
    exif = Image.Exif()
    exif[0x0112] = 6
    animated = {"save_all": True, "append_images": frames[1:], "duration": 50}
    files = {
        "JPEG": encoded(picture, "JPEG"),
        "JPEG progressive": encoded(picture, "JPEG", progressive=True, exif=exif),
        "JPEG CMYK": encoded(picture.convert("CMYK"), "JPEG"),
        "JPEG grey": encoded(picture.convert("L"), "JPEG"),
        "PNG": encoded(picture, "PNG"),
        "PNG clear": encoded(clear, "PNG", exif=exif),
        "PNG palette": encoded(picture.quantize(4), "PNG", transparency=1),
        "PNG 16": encoded(picture.convert("L").convert("I;16"), "PNG"),
        "PNG animated": encoded(frames[0], "PNG", **animated),
        "WEBP": encoded(picture, "WEBP"),
        "WEBP lossless": encoded(clear, "WEBP", lossless=True, exif=exif),
        "WEBP animated": encoded(frames[0], "WEBP", **animated),
        "GIF": encoded(picture, "GIF"),
        "GIF animated": encoded(frames[0], "GIF", **animated),
        "AVIF": encoded(picture, "AVIF", exif=exif),
        "AVIF animated": encoded(frames[0], "AVIF", save_all=True, append_images=frames[1:]),
        "BMP": encoded(picture, "BMP"),
        "BMP palette": encoded(picture.quantize(4), "BMP"),
        "TIFF": encoded(picture, "TIFF", exif=exif),
        "TIFF LZW": encoded(clear, "TIFF", compression="tiff_lzw"),
        "TIFF JPEG": encoded(picture, "TIFF", compression="jpeg"),
        "TIFF fax": encoded(picture.convert("1"), "TIFF", compression="group4"),
        "TIFF pages": encoded(frames[0], "TIFF", save_all=True, append_images=frames[1:]),
        "TIFF float": encoded(picture.convert("F"), "TIFF"),
    }
    return files | ({"HEIF": HEIC} if HAS_HEIC else {})


def gif(size, *frame_sizes) -> bytes:
    """Return a GIF made by hand, with a black dot in each frame."""
    head = b"GIF89a" + struct.pack("<HHBBB", *size, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    frames = [
        b"," + struct.pack("<HHHHB", 0, 0, *frame_size, 0) + b"\x02\x02\x44\x01\x00" for frame_size in frame_sizes
    ]
    return head + b"".join(frames) + b";"


@functools.cache
def bombs() -> dict[str, bytes]:
    """Return files that are small and would take much memory or time if somebody believed them."""
    text = zeros(200_000_000)
    webp = samples()["WEBP lossless"]
    large = webp[:24] + b"\xff" * 6 + webp[30:]
    frame_count = chunk(b"acTL", struct.pack(">II", 1_000_000, 0))
    return {
        "PNG of 400 megapixels": png((20_000, 20_000), depth=8, colour=GREY),
        "PNG of 400 megapixels in a palette": png(
            (20_000, 20_000), depth=1, colour=PALETTE, chunks=chunk(b"PLTE", bytes(6))
        ),
        "PNG of 49 megapixels": png((7_000, 7_000), depth=8, colour=COLOUR),
        "PNG of 49 megapixels with a transparent grey": png(
            (7_000, 7_000), depth=16, colour=GREY, chunks=chunk(b"tRNS", bytes(2))
        ),
        "PNG of 49 megapixels in a palette": png(
            (7_000, 7_000), depth=1, colour=PALETTE, chunks=chunk(b"PLTE", bytes(6)) + chunk(b"tRNS", b"\x80\x40")
        ),
        "PNG strip": png((65_535, 1), depth=8, colour=COLOUR),
        "PNG of the largest size": resized_png((2**31 - 1, 2**31 - 1)),
        "PNG with much text": png((2, 2), depth=8, colour=GREY, chunks=chunk(b"zTXt", b"a\0\0" + text)),
        "PNG with a large profile": png((2, 2), depth=8, colour=GREY, chunks=chunk(b"iCCP", b"a\0\0" + text)),
        "PNG of a million frames": png((2, 2), depth=8, colour=GREY, chunks=frame_count),
        "GIF strip": gif((1, 65_535), (1, 1)),
        "GIF of the largest size": gif((65_535, 65_535), (1, 1)),
        "GIF that grows": gif((1, 1), (1, 1), (65_535, 65_535)),
        "GIF of 5000 frames": gif((1, 1), *[(1, 1)] * 5_000),
        "WEBP of the largest size": large,
    }


def flip_bits(random, data, other):
    for _ in range(random.randint(1, 10)):
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)
    return data


def overwrite(random, data, other):
    at = random.randrange(len(data))
    size = random.randint(1, 16)
    data[at : at + size] = random.choice((bytes(size), b"\xff" * size, random.randbytes(size)))
    return data


def lie_in_header(random, data, other):
    width = random.choice((2, 4))
    at = random.randrange(min(len(data), 200))
    number = random.choice((0, 1, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, random.getrandbits(32))) & (256**width - 1)
    data[at : at + width] = number.to_bytes(width, random.choice(("big", "little")))
    return data


def cut_off(random, data, other):
    return data[: random.randint(1, len(data))]


def cut_out(random, data, other):
    at = random.randrange(len(data))
    del data[at : at + random.randint(1, 64)]
    return data or other


def repeat(random, data, other):
    at = random.randrange(len(data))
    piece = data[at : at + random.randint(1, 200)]
    return data[:at] + piece * random.randint(2, 20) + data[at:]


def splice(random, data, other):
    return data[: random.randrange(1, len(data) + 1)] + other[random.randrange(len(other)) :]


def repeat_chunk(random, data, other):
    """Repeat a part that begins with its length, as those of PNG, WebP and AVIF do."""
    at = random.randrange(len(data))
    for start in (data.find(b"IDAT") - 4, data.find(b"fcTL") - 4, data.find(b"VP8"), data.find(b"ANMF"), at):
        if start > 0 and random.random() < 0.5:
            at = start
    end = at + 12 + (int.from_bytes(data[at : at + 4]) & 0xFFF)
    return data[:end] + data[at:end] * random.randint(1, 5) + data[end:]


WAYS = (flip_bits, overwrite, lie_in_header, cut_off, cut_out, repeat, splice, repeat_chunk)


def mutated(random, *, bomb_share=0.005) -> bytes:
    """Return one of the files above, broken in one way or in several; now and then a bomb, broken or whole."""
    files = bombs() if random.random() < bomb_share else samples()
    names = sorted(files)
    data = bytearray(files[random.choice(names)])
    for _ in range(random.choice((0, 1) if files is bombs() else (1, 1, 1, 2, 4))):
        other = bytearray(samples()[random.choice(sorted(samples()))])
        data = random.choice(WAYS)(random, data, other)
    is_checked = random.random() < 0.3
    return bytes(data) if is_checked or not data.startswith(PNG_SIGNATURE) else with_right_checksums(bytes(data))
