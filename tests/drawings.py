"""Pictures for tests, all of them drawn here and none taken; their files; and images as decoding makes them."""

import base64
import hashlib
import io
import math

import numpy as np
import zxingcpp
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFilter, ImageFont

from evenhand.content.image import Frame, Image

SKINS = {
    "1": (255, 224, 196),
    "2": (240, 200, 160),
    "3": (224, 172, 105),
    "4": (198, 134, 66),
    "5": (141, 85, 36),
    "6": (75, 45, 25),
}
DRESSES = ("shirt", "suit", "headscarf", "turban", "swimsuit", "trunks", "face veil", "sari")


def image(*pictures, numbers=None, size=None):
    """Return the image whose frames are these pictures."""
    arrays = [
        np.asarray(picture.convert("RGB") if isinstance(picture, Pillow.Image) else picture) for picture in pictures
    ]
    height, width = arrays[0].shape[:2]
    shown = size or (width, height)
    data = b"".join(array.tobytes() for array in arrays)
    return Image(
        frames=tuple(Frame(array, number) for array, number in zip(arrays, numbers or range(len(arrays)), strict=True)),
        format="GIF" if len(arrays) > 1 else "PNG",
        width=shown[0],
        height=shown[1],
        frame_count=len(arrays),
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def encoded(picture, kind="PNG", **options):
    """Return the file that `picture` makes."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def data_url(data, media_type="image/png"):
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


def quadrants(size=(48, 36)):
    """Return a picture that is red, green, blue and yellow, from the upper left to the lower right."""
    small = Pillow.new("RGB", (2, 2))
    small.putdata([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)])
    return small.resize(size, Pillow.Resampling.NEAREST)


def flat(width=200, height=150, colour=(120, 90, 80)):
    return Pillow.new("RGB", (width, height), colour)


def gradient(width=640, height=480, first=(20, 40, 120), last=(250, 220, 170)):
    share = np.linspace(0, 1, height)[:, None, None]
    rows = np.array(first) * (1 - share) + np.array(last) * share
    return Pillow.fromarray(np.broadcast_to(rows, (height, width, 3)).astype(np.uint8))


def noise(width=320, height=240, seed=0):
    return Pillow.fromarray(np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8))


def photograph_like(width=1000, height=1000, seed=0, *, light=110, spread=35):
    """Return soft shapes of many sizes with grain, as of something out of focus."""
    source = np.random.default_rng(seed)
    total = np.zeros((height, width, 3))
    for cells, strength in ((3, 1.0), (8, 0.6), (24, 0.35), (80, 0.2)):
        small = source.normal(size=(cells, cells, 3)) * 0.4 + source.normal(size=(cells, cells, 1))
        layer = [
            Pillow.fromarray(small[:, :, band].astype(np.float32)).resize((width, height), Pillow.Resampling.BICUBIC)
            for band in range(3)
        ]
        total += strength * np.stack([np.asarray(band) for band in layer], axis=-1)
    total = light + spread * total / total.std() + source.normal(0, 4, (height, width, 1))
    return Pillow.fromarray(np.clip(total, 0, 255).astype(np.uint8))


def landscape(width=640, height=480, seed=0):
    """Return hills below a sky, with a sun and some trees."""
    source = np.random.default_rng(seed)
    picture = gradient(width, height, first=(90, 150, 230), last=(230, 240, 250))
    pen = ImageDraw.Draw(picture)
    x, y = source.integers(0, width), source.integers(height // 10, height // 3)
    pen.ellipse((x - 30, y - 30, x + 30, y + 30), fill=(255, 230, 120))
    for layer in range(4):
        base = height * (0.45 + 0.13 * layer)
        waves = [(source.uniform(10, 50), source.uniform(80, 300), source.uniform(0, 6)) for _ in range(3)]
        edge = [(x, base + sum(a * math.sin(x / b + c) for a, b, c in waves)) for x in range(0, width + 8, 8)]
        pen.polygon([*edge, (width, height), (0, height)], fill=(40 + 15 * layer, 130 - 20 * layer, 60))
    for _ in range(12):
        x, y = source.integers(0, width), source.integers(int(height * 0.7), height)
        pen.rectangle((x - 3, y - 10, x + 3, y + 12), fill=(90, 60, 30))
        pen.ellipse((x - 15, y - 45, x + 15, y - 5), fill=(30, 100, 40))
    return picture.filter(ImageFilter.GaussianBlur(0.7))


def chart(width=640, height=480, seed=0, colours=((200, 40, 40), (40, 90, 200), (40, 160, 80))):
    """Return a bar chart with a curve and words."""
    source = np.random.default_rng(seed)
    picture = Pillow.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    pen.text((width // 3, 10), "Sales by month", fill="black", font=ImageFont.load_default(24))
    pen.line((60, 50, 60, height - 50, width - 20, height - 50), fill="black", width=2)
    step = (width - 100) // 12
    for month in range(12):
        high = int(source.integers(20, height - 140))
        left = 70 + month * step
        pen.rectangle((left, height - 50 - high, left + step - 8, height - 51), fill=colours[month % len(colours)])
        pen.text((left + 4, height - 44), str(month + 1), fill="black", font=ImageFont.load_default(14))
    points = [(70 + month * step, int(source.integers(60, height - 60))) for month in range(12)]
    pen.line(points, fill=(120, 20, 120), width=3)
    return picture


def portrait(skin="3", dress="shirt", seed=0, width=480, height=640):
    """Return a simple cartoon of somebody from the waist up."""
    source = np.random.default_rng(seed)
    colour = SKINS[skin]
    shade = tuple(int(part * 0.85) for part in colour)
    picture = gradient(width, height, tuple(source.integers(120, 255, 3)), tuple(source.integers(120, 255, 3)))
    pen = ImageDraw.Draw(picture)
    cloth = tuple(int(part) for part in source.integers(20, 230, 3))
    body = (40, 400, width - 40, height + 200)
    pen.rounded_rectangle(body, 110, fill=colour if dress in {"swimsuit", "trunks"} else cloth)
    pen.rectangle((200, 340, 280, 430), fill=shade)
    is_covered = dress in {"headscarf", "face veil"}
    hair = tuple(int(part) for part in source.integers(10, 110, 3))
    pen.ellipse((105, 80, 375, 440) if is_covered else (130, 100, 350, 330), fill=cloth if is_covered else hair)
    pen.ellipse((150, 130, 330, 370), fill=colour)
    for x in (195, 265):
        pen.ellipse((x, 220, x + 28, 240), fill="white")
        pen.ellipse((x + 8, 223, x + 20, 237), fill=(60, 40, 20))
    pen.line((240, 240, 232, 285, 245, 287), fill=shade, width=4)
    pen.arc((205, 285, 275, 330), 20, 160, fill=(150, 60, 60), width=5)
    _dress(pen, dress, cloth, width, height)
    return picture.filter(ImageFilter.GaussianBlur(1.0))


def _dress(pen, dress, cloth, width, height):
    dark = tuple(int(part * 0.6) for part in cloth)
    match dress:
        case "suit":
            pen.polygon([(180, 400), (300, 400), (240, 560)], fill="white")
            pen.polygon([(230, 410), (250, 410), (258, 560), (222, 560)], fill=dark)
        case "headscarf":
            pen.chord((130, 95, 350, 300), 205, 335, fill=cloth)
            pen.polygon([(150, 340), (240, 385), (330, 340), (380, 480), (100, 480)], fill=cloth)
        case "face veil":
            pen.chord((130, 95, 350, 300), 205, 335, fill=cloth)
            pen.polygon([(145, 258), (335, 258), (345, 450), (135, 450)], fill=dark)
        case "turban":
            pen.pieslice((120, 60, 360, 320), 180, 360, fill=cloth)
            for y in range(90, 190, 18):
                pen.arc((130, y, 350, y + 130), 190, 350, fill=dark, width=4)
        case "swimsuit":
            pen.polygon([(130, 470), (350, 470), (370, height), (110, height)], fill=cloth)
            pen.line((150, 470, 170, 405), fill=cloth, width=16)
            pen.line((330, 470, 310, 405), fill=cloth, width=16)
        case "trunks":
            pen.rectangle((40, height - 50, width - 40, height), fill=cloth)
        case "sari":
            pen.polygon([(60, 430), (140, 400), (420, height), (240, height)], fill=dark)


def sheet(
    lines,
    *,
    size=32,
    angle=0,
    ink=(20, 20, 20),
    paper=(250, 250, 245),
    font=None,
    width=1000,
    height=1000,
    corner=None,
):
    """Return lines of text on paper, or on a picture of that size, turned by `angle` degrees.

    They stand in the middle, or begin at the upper left `corner`.
    """
    picture = paper.copy() if isinstance(paper, Pillow.Image) else Pillow.new("RGB", (width, height), paper)
    face = ImageFont.truetype(font, size) if font else ImageFont.load_default(size)
    mask = Pillow.new("L", picture.size, 0)
    pen = ImageDraw.Draw(mask)
    step = int(size * 1.7)
    for number, line in enumerate(lines):
        left = (picture.width - pen.textlength(line, font=face)) / 2
        top = (picture.height - step * len(lines)) // 2
        left, top = corner or (left, top)
        pen.text((left, top + number * step), line, fill=255, font=face)
    if angle:
        mask = mask.rotate(angle, Pillow.Resampling.BICUBIC)
    picture.paste(Pillow.new("RGB", picture.size, ink), mask=mask)
    return picture


def note(words="", *, width=640, height=360):
    """Return a small sheet with `words` from its upper left corner on, line by line; black on white."""
    return sheet(words.splitlines(), size=44, ink="black", paper="white", width=width, height=height, corner=(30, 30))


def code(text, *, kind="QRCode", scale=6, inverted=False):
    """Return a picture of a code that says `text`."""
    made = zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, kind))
    bits = np.asarray(zxingcpp.write_barcode_to_image(made, scale=scale, add_quiet_zones=True))
    bits = 255 - bits if inverted else bits
    return Pillow.fromarray(np.ascontiguousarray(np.stack([bits] * 3, axis=-1)))


def on(picture, other, left, top):
    """Return `picture` with `other` laid on it."""
    both = picture.copy()
    both.paste(other, (left, top))
    return both
