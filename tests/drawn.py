"""Pictures that tests send: drawn here, so that the repository keeps none."""

import base64
import io

from PIL import Image, ImageDraw, ImageFont


def picture(words: str = "", *, size=(640, 360), ground="white", ink="black") -> Image.Image:
    """Return a picture of a ground with `words` on it, line by line."""
    drawn = Image.new("RGB", size, ground)
    draw = ImageDraw.Draw(drawn)
    for number, line in enumerate(words.splitlines()):
        draw.text((30, 30 + 70 * number), line, fill=ink, font=ImageFont.load_default(44))
    return drawn


def landscape() -> Image.Image:
    """Return a picture that is neither flat nor of anybody: a sky, hills and a sun."""
    drawn = Image.linear_gradient("L").resize((640, 360)).convert("RGB")
    draw = ImageDraw.Draw(drawn)
    draw.ellipse((440, 40, 540, 140), fill="orange")
    draw.polygon([(0, 360), (200, 180), (420, 360)], fill="darkgreen")
    draw.polygon([(300, 360), (500, 220), (640, 360)], fill="seagreen")
    return drawn


def encoded(drawn: Image.Image, kind: str = "PNG", **options) -> bytes:
    """Return the file that `drawn` makes."""
    file = io.BytesIO()
    drawn.save(file, kind, **options)
    return file.getvalue()


def data_url(data: bytes, media_type: str = "image/png") -> str:
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
