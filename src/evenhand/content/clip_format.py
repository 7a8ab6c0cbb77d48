"""Which container a clip is in, by its first bytes, and whether that is what its sender says.

Nothing here looks further into a file, and nothing here believes a name.
"""

from typing import IO, Final

from evenhand.content.decoding import sniff as sniff_image

_HEAD_BYTES: Final = 4096
_BOXES: Final = {b"moov", b"mdat", b"wide", b"skip", b"free", b"pnot"}
#: Pictures that come in the same boxes as clips, beside those that `content.decoding` knows.
_PICTURE_BRANDS: Final = {b"mif1", b"msf1", b"jxl ", b"jp2 ", b"jpx ", b"crx "}
_SIGNATURES: Final = (
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"FLV\x01", "flv"),
    (b"#!AMR\n", "amr"),
    (b"#!AMR-WB\n", "amr"),
    (b"\0\0\1\xba", "mpeg"),
)
_TRANSPORT_SIZES: Final = ((188, 0), (192, 4), (204, 0))

#: What each container may be called; what it is called here comes first.
MEDIA_TYPES: Final = {
    "aac": ("audio/aac", "audio/aacp", "audio/x-aac", "audio/x-hx-aac-adts", "audio/vnd.dlna.adts"),
    "amr": ("audio/amr", "audio/amr-wb", "audio/3gpp"),
    "avi": ("video/x-msvideo", "video/avi", "video/msvideo", "video/vnd.avi"),
    "flac": ("audio/flac", "audio/x-flac"),
    "flv": ("video/x-flv", "video/flv"),
    "matroska": (
        "video/x-matroska",
        "audio/x-matroska",
        "video/matroska",
        "audio/matroska",
        "video/webm",
        "audio/webm",
    ),
    "mov": ("video/quicktime", "video/mp4", "audio/mp4", "video/x-m4v", "audio/x-m4a", "audio/m4a"),
    "mp3": ("audio/mpeg", "audio/mp3", "audio/mpeg3", "audio/x-mpeg-3", "audio/x-mp3", "audio/x-mpeg"),
    "mp4": (
        "video/mp4",
        "audio/mp4",
        "video/x-m4v",
        "audio/x-m4a",
        "audio/m4a",
        "audio/aac",
        "video/quicktime",
        "video/3gpp",
        "audio/3gpp",
        "video/3gpp2",
        "audio/3gpp2",
        "video/iso.segment",
    ),
    "mpeg": ("video/mpeg", "video/mp2p", "video/x-mpeg", "video/dvd", "audio/mpeg"),
    "mpegts": ("video/mp2t", "video/mpeg", "video/vnd.dlna.mpeg-tts", "video/x-mpegts"),
    "ogg": ("video/ogg", "audio/ogg", "audio/opus", "audio/vorbis", "audio/x-vorbis+ogg", "audio/x-ogg", "video/x-ogg"),
    "wav": ("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/x-pn-wav"),
    "webm": ("video/webm", "audio/webm", "video/x-matroska", "audio/x-matroska"),
}
#: Of a media type, what it is about. Anything else, such as `application/octet-stream`, says nothing.
_TELLING: Final = ("audio/", "image/", "text/", "video/")


def sniff(data: bytes) -> str:
    """Return the name of the container that the first bytes are of, or nothing."""
    for signature, name in _SIGNATURES:
        if data.startswith(signature):
            return name
    if data[:4] in {b"RIFF", b"RF64"}:
        return {b"WAVE": "wav", b"AVI ": "avi"}.get(data[8:12], "")
    if data[:4] == b"\x1a\x45\xdf\xa3":
        return "webm" if b"webm" in data[:64] else "matroska"
    return _sniff_boxes(data) or _sniff_transport(data) or _sniff_sound(data)


def _sniff_boxes(data: bytes) -> str:
    if data[4:8] == b"ftyp":
        is_picture = bool(sniff_image(data)) or data[8:12] in _PICTURE_BRANDS
        return "" if is_picture else "mov" if data[8:12] == b"qt  " else "mp4"
    # The first four bytes are a size, and no letters.
    return "mov" if data[4:8] in _BOXES and data[0] < ord(" ") else ""


def _sniff_transport(data: bytes) -> str:
    """Return the name of the container that has no signature, only packets of one size that begin alike."""
    for size, at in _TRANSPORT_SIZES:
        if all(data[place : place + 1] == b"G" for place in (at, at + size, at + 2 * size)):
            return "mpegts"
    return ""


def _sniff_sound(data: bytes) -> str:
    """Return the name of a format of sound that has no signature, only frames."""
    if len(data) < 4 or data[0] != 0xFF:  # noqa: PLR2004 -- bits of a frame's header
        return ""
    if data[1] & 0xF6 == 0xF0:  # noqa: PLR2004
        return "aac"
    is_frame = data[1] & 0xE0 == 0xE0 and data[1] & 0x18 != 0x08 and data[1] & 0x06 in {0x02, 0x04}  # noqa: PLR2004
    return "mp3" if is_frame and data[2] & 0xF0 != 0xF0 and data[2] & 0x0C != 0x0C else ""  # noqa: PLR2004


def container_of(file: IO[bytes]) -> str:
    """Return the name of the container of an open file, or nothing."""
    head = file.read(_HEAD_BYTES)
    if not head.startswith(b"ID3") or len(head) < 10:  # noqa: PLR2004 -- the length of a tag's header
        return sniff(head)
    # A tag may stand before sound of any kind. Its size is in four times seven bits.
    size = sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    file.seek(10 + size)
    behind = sniff(file.read(_HEAD_BYTES))
    return behind if behind in {"aac", "flac"} else "mp3"


def contradicts(media_type: str, name: str) -> bool:
    """Return whether `media_type` says that the file is something else."""
    stated = media_type.partition(";")[0].strip().lower()
    is_telling = stated.startswith(_TELLING) and stated not in {"audio/*", "video/*"}
    return is_telling and stated not in MEDIA_TYPES[name]
