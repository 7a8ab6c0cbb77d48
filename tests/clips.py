"""Sound and video clips for tests: real files of every container, drawn and made here; and ways to break them."""

import io
import itertools
import math
import random
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.stream import Disposition
from PIL import Image, ImageDraw, ImageFilter

SOUND_RATE = 48_000

# ---- pictures ----


def plain(width=160, height=90, colour=(90, 110, 130)):
    return np.full((height, width, 3), colour, np.uint8)


def scene(seed, width=160, height=90):
    """Return a picture that is unlike that of any other seed: a gradient with shapes, stripes or grain on it."""
    source = np.random.default_rng(seed)
    first, last = source.integers(0, 256, (2, 3))
    turn = source.uniform(0, 2 * math.pi)
    down, across = np.mgrid[0:height, 0:width] / max(width, height)
    share = np.clip(0.5 + (across - 0.5) * math.cos(turn) + (down - 0.3) * math.sin(turn), 0, 1)[..., None]
    pixels = first * (1 - share) + last * share
    if seed % 3 == 1:
        waves = np.sin(source.uniform(8, 40) * (across * math.cos(turn * 3) + down * math.sin(turn * 3)))
        pixels = pixels + 60 * waves[..., None]
    if seed % 5 == 2:
        pixels = pixels + source.normal(0, 25, (height, width, 1))
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(source.integers(2, 7))):
        left, top = source.uniform(-0.2, 0.9, 2) * (width, height)
        wide, high = source.uniform(0.15, 0.6, 2) * (width, height)
        colour = tuple(int(part) for part in source.integers(0, 256, 3))
        draw = pen.ellipse if source.integers(2) else pen.rectangle
        draw((left, top, left + wide, top + high), fill=colour)
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(0.6)))


def quadrants(width=48, height=36):
    """Return a picture that is red, green, blue and yellow, from the upper left to the lower right."""
    small = np.array([[(255, 0, 0), (0, 255, 0)], [(0, 0, 255), (255, 255, 0)]], np.uint8)
    return small.repeat(-(-height // 2), 0).repeat(-(-width // 2), 1)[:height, :width]


def faded(first, second, share):
    return (first * (1.0 - share) + second * share).astype(np.uint8)


# ---- films: pictures one after another, and where one shot ends and the next begins ----


class Still:
    """A picture that stands."""

    def __init__(self, picture, source):
        self.picture = picture

    def at(self, seconds):
        return self.picture


class Shape(Still):
    """A picture before which a shape moves all the time."""

    def __init__(self, picture, source):
        super().__init__(picture, source)
        self.colour = source.integers(0, 256, 3)
        self.speed = source.uniform(0.25, 0.8)
        self.size = source.uniform(0.15, 0.3)

    def at(self, seconds):
        height, width = self.picture.shape[:2]
        side = int(self.size * height)
        left = int(width * (0.5 + 0.4 * math.sin(seconds * self.speed * 6)) - side / 2)
        top = int(height * (0.5 + 0.3 * math.cos(seconds * self.speed * 5)) - side / 2)
        frame = self.picture.copy()
        frame[max(top, 0) : top + side, max(left, 0) : left + side] = self.colour
        return frame


class Grain(Still):
    """A picture with noise that is new in every frame."""

    def __init__(self, picture, source):
        super().__init__(picture, source)
        self.source = source
        self.strength = source.uniform(8, 25)

    def at(self, seconds):
        noise = self.source.normal(0, self.strength, self.picture.shape[:2])[..., None]
        return np.clip(self.picture + noise, 0, 255).astype(np.uint8)


class Flicker(Still):
    """A picture whose light flickers."""

    def __init__(self, picture, source):
        super().__init__(picture, source)
        self.strength = source.uniform(0.05, 0.2)
        self.speed = source.uniform(5, 40)

    def at(self, seconds):
        gain = 1 + self.strength * math.sin(seconds * self.speed)
        return np.clip(self.picture * gain, 0, 255).astype(np.uint8)


class Pan(Still):
    """A picture over which a camera moves."""

    def __init__(self, picture, source):
        super().__init__(np.concatenate([picture, picture[:, ::-1]], axis=1), source)
        self.speed = source.uniform(0.03, 0.12)

    def at(self, seconds):
        width = self.picture.shape[1]
        way = self.speed * (seconds + 0.1 * math.sin(3 * seconds)) * width
        first = np.roll(self.picture, -int(way), axis=1)[:, : width // 2]
        return faded(first, np.roll(self.picture, -int(way) - 1, axis=1)[:, : width // 2], way % 1)


class Shake(Still):
    """A picture that a hand does not hold still."""

    def __init__(self, picture, source):
        super().__init__(picture, source)
        self.source = source

    def at(self, seconds):
        return np.roll(self.picture, self.source.integers(-2, 3, 2), axis=(0, 1))


WAYS = (Still, Shape, Grain, Flicker, Pan, Shake)


@dataclass
class Film:
    """Frames, and what is known of them.

    Args:
        frames: All of the same size.
        rate: Frames a second.
        changes: From when to when each change from one shot to the next takes; a cut takes no time.
        planted: Pictures that stand for at least half a second, each with when it begins and ends.
    """

    frames: list
    rate: int
    changes: list
    planted: list

    @property
    def seconds(self):
        return len(self.frames) / self.rate


def film(seed, *, rate=15, shots=6, width=160, height=90):
    """Return a film of several shots with cuts, dissolves and fades through black between them."""
    source = np.random.default_rng(1000 + seed)
    made = Film([], rate, [], [])
    before = None
    for number in range(shots):
        picture = scene(100 * seed + number, width, height)
        way = Still if number % 3 == seed % 3 else WAYS[int(source.integers(len(WAYS)))]
        material = way(picture, source)
        count = max(-(-rate // 2), round(float(source.choice([0.5, 0.8, 1.5, 2.5])) * rate))
        kind = ("cut", "cut", "dissolve", "black")[int(source.integers(4))]
        length = 0 if kind == "cut" or before is None else round(source.uniform(0.3, 1.2) * rate)
        begin = len(made.frames) / rate
        for step in range(1, length + 1):
            share, other = step / (length + 1), material.at(step / rate)
            if kind == "dissolve":
                made.frames.append(faded(before.at(step / rate), other, share))
            else:
                dark = abs(1 - 2 * share)
                made.frames.append(((before.at(step / rate) if share < 0.5 else other) * dark).astype(np.uint8))
        end = len(made.frames) / rate
        if before is not None:
            made.changes.append((begin, end))
        made.frames += [material.at((length + step) / rate) for step in range(count)]
        if way is Still:
            made.planted.append((picture, end, len(made.frames) / rate))
        before = material
    return made


# ---- sounds ----


def tone(seconds, *, pitch=440, rate=SOUND_RATE, strength=0.4):
    """Return a steady tone, shape (samples, 1)."""
    times = np.arange(round(seconds * rate)) / rate
    return (strength * np.sin(2 * math.pi * pitch * times)).astype(np.float32)[:, None]


def ticks(seconds, *, rate=SOUND_RATE):
    """Return silence in which a short tone begins with every second: of 500 Hz, 600 Hz and so on."""
    sound = np.zeros((round(seconds * rate), 1), np.float32)
    for second in range(math.ceil(seconds)):
        begin = second * rate
        beep = tone(0.1, pitch=500 + 100 * second, rate=rate)[: len(sound) - begin]
        sound[begin : begin + len(beep)] = beep
    return sound


def loud_from(sound, rate, threshold=0.1):
    """Return when, in seconds, each tone in a sound begins that comes after at least a tenth of a second of silence."""
    loud = np.flatnonzero(np.abs(sound.astype(float)) > threshold * 32_767)
    begins = [first for before, first in itertools.pairwise([-rate, *loud]) if first - before > rate // 10]
    return [begin / rate for begin in begins]


# ---- files ----

#: What each kind of file holds unless a test says otherwise: a codec of pictures, and one of sound.
CODECS = {
    ".mp4": ("libx264", "aac"),
    ".mov": ("libx264", "aac"),
    ".mkv": ("libx264", "aac"),
    ".webm": ("libvpx", "libopus"),
    ".avi": ("mpeg4", "libmp3lame"),
    ".ts": ("libx264", "aac"),
    ".mpg": ("mpeg2video", "mp2"),
    ".flv": ("flv", "libmp3lame"),
    ".ogg": (None, "libopus"),
    ".wav": (None, "pcm_s16le"),
    ".mp3": (None, "libmp3lame"),
    ".flac": (None, "flac"),
    ".aac": (None, "aac"),
    ".amr": (None, "libopencore_amrnb"),
}
#: What FFmpeg calls the kinds of files that it does not know by these endings.
_MUXERS = {".ts": "mpegts", ".mpg": "mpeg", ".aac": "adts", ".mkv": "matroska"}
_FAST = {"libx264": {"preset": "ultrafast"}, "libvpx": {"deadline": "realtime", "cpu-used": "8"}}


def write(
    path,
    frames=(),
    *,
    rate=10,
    sound=None,
    sound_rate=SOUND_RATE,
    codec=None,
    sound_codec=None,
    options=None,
    file_options=None,
    times=None,
    rotation=None,
    mirrored=False,
    pixel_shape=None,
    pixel_format="yuv420p",
    layout=None,
    cover=None,
    more_streams=0,
):
    """Write a clip and return its path.

    Args:
        path: Where; its ending says in what container.
        frames: Arrays in red, green and blue, all of the same size.
        rate: Frames a second.
        sound: Numbers from -1 to 1, shape (samples, channels).
        sound_rate: Samples a second.
        codec: Of the pictures.
        sound_codec: Of the sound.
        options: Of the encoder of pictures.
        file_options: Of the container.
        times: When each frame is shown, in milliseconds, instead of at a steady rate.
        rotation: Degrees, counterclockwise, by which a player is to turn the pictures.
        mirrored: Whether it is to exchange left and right before that.
        pixel_shape: Width of a pixel, as a share of its height.
        pixel_format: As FFmpeg names it.
        layout: Of the channels of sound, as FFmpeg names it.
        cover: A picture for the clip as a whole, as bytes of a PNG.
        more_streams: How many further streams of sound there are.
    """
    path = Path(path)
    usual, usual_sound = CODECS[path.suffix]
    frames = list(frames)
    with av.open(str(path), "w", format=_MUXERS.get(path.suffix), options=file_options or {}) as file:
        pictures = hearing = None
        if frames:
            pictures = _picture_stream(file, codec or usual, rate, options)
            pictures.height, pictures.width = frames[0].shape[:2]
            pictures.pix_fmt = pixel_format
            if times is not None:
                pictures.codec_context.time_base = Fraction(1, 1000)
            if pixel_shape is not None:
                pictures.codec_context.sample_aspect_ratio = Fraction(pixel_shape).limit_denominator(100)
            if rotation is not None:
                pictures.set_display_rotation(rotation, hflip=mirrored)
        if sound is not None:
            hearing = _sound_stream(file, sound_codec or usual_sound, sound_rate, sound.shape[1], layout)
        more = [_sound_stream(file, sound_codec or usual_sound, sound_rate, 1, None) for _ in range(more_streams)]
        if cover is not None:
            _add_cover(file, cover)
        made = [_picture_packets(pictures, frames, rate, times)] if pictures else []
        made += [_sound_packets(hearing, sound, sound_rate, layout)] if hearing else []
        made += [_sound_packets(stream, tone(0.02, rate=sound_rate), sound_rate, None) for stream in more]
        for packet in _in_order(made):
            file.mux(packet)
    return path


def _picture_stream(file, codec, rate, options):
    stream = file.add_stream(codec, rate=rate, options={**_FAST.get(codec, {}), **(options or {})})
    stream.codec_context.thread_count = 1
    return stream


def _sound_stream(file, codec, rate, channels, layout):
    stream = file.add_stream(codec, rate=rate)
    stream.layout = layout or {1: "mono", 2: "stereo", 6: "5.1"}[channels]
    return stream


def _add_cover(file, cover):
    stream = file.add_stream("png", rate=1)
    with av.open(io.BytesIO(cover)) as picture:
        frame = next(picture.decode(video=0))
    stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, frame.format.name
    stream.disposition = Disposition.attached_pic
    packet = av.Packet(cover)
    packet.stream, packet.pts, packet.dts, packet.is_keyframe = stream, 0, 0, True
    file.mux(packet)


def _picture_packets(stream, frames, rate, times):
    for number, pixels in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), "rgb24")
        if times is None:
            frame.pts, frame.time_base = number, Fraction(1, rate)
        else:
            frame.pts, frame.time_base = times[number], Fraction(1, 1000)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _sound_packets(stream, sound, rate, layout):
    channels = sound.shape[1]
    for begin in range(0, len(sound), 1024):
        part = np.ascontiguousarray(sound[begin : begin + 1024].T)
        name = layout or {1: "mono", 2: "stereo", 6: "5.1"}[channels]
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=name)
        frame.sample_rate, frame.pts, frame.time_base = rate, begin, Fraction(1, rate)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _in_order(streams):
    """Yield the packets of several streams in order of time."""
    waiting = [(next(packets, None), packets) for packets in streams]
    while waiting := [(packet, packets) for packet, packets in waiting if packet is not None]:
        waiting.sort(key=lambda pair: float((pair[0].dts or 0) * pair[0].time_base))
        (packet, packets), *others = waiting
        yield packet
        waiting = [*others, (next(packets, None), packets)]


def short(path, **options):
    """Write three seconds of pictures or of a tone, or of both, as the container has it."""
    has_pictures = CODECS[Path(path).suffix][0] is not None
    frames = [scene(n // 10, 64, 48) for n in range(30)] if has_pictures else ()
    rate = 8000 if Path(path).suffix == ".amr" else SOUND_RATE
    return write(path, frames, **{"sound": ticks(3, rate=rate), "sound_rate": rate, **options})


def cut(path, share):
    """Leave of a file only its first part."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def mutated(data, seed):
    """Return the bytes with some of them changed, left out, repeated or put elsewhere."""
    source = random.Random(seed)
    data = bytearray(data)
    for _ in range(source.choice([1, 3, 10, 40])):
        at, length = source.randrange(len(data)), source.randrange(1, 64)
        match source.randrange(5):
            case 0:
                data[at] ^= 1 << source.randrange(8)
            case 1:
                data[at : at + length] = source.randbytes(len(data[at : at + length]))
            case 2:
                data[at : at + length] = b"\xff" * len(data[at : at + length])
            case 3:
                del data[at : at + length]
            case _:
                other = source.randrange(len(data))
                data[at:at] = data[other : other + length]
    return bytes(data) or b"\0"
