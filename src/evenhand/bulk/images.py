"""Screen image files and folders of them, one by one, each as a content of its own."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from evenhand.core.content import Content, ImageFile
from evenhand.core.decision import Decision
from evenhand.core.errors import ConfigurationError, InputError
from evenhand.service.screener import Screener

#: Images screened at once.
_AT_ONCE = 8


def image_paths(paths: Iterable[Path]) -> list[Path]:
    """Return `paths` with every folder replaced by the files in it and below, in order; hidden ones are left out.

    Raises:
        ConfigurationError: `file.unreadable`: there is no such file or folder.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise ConfigurationError("file.unreadable", f"There is no {path}.", field="image", remedy="Check the path.")
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [
            each
            for each in inside
            if each.is_file() and not any(part.startswith(".") for part in each.relative_to(path).parts)
        ]
    return found


def screen_images(screener: Screener, paths: Iterable[Path]) -> Iterator[tuple[Path, Decision | InputError]]:
    """Yield each of `paths` with the decision on it, or why it was not screened."""
    batch: list[Path] = []
    for path in paths:
        batch.append(path)
        if len(batch) == _AT_ONCE:
            yield from _screen(screener, batch)
            batch = []
    yield from _screen(screener, batch)


def _screen(screener: Screener, paths: list[Path]) -> Iterator[tuple[Path, Decision | InputError]]:
    contents: list[Content | InputError] = []
    for path in paths:
        try:
            contents.append(Content(id=str(path), images=(ImageFile(path.read_bytes()),)))
        except OSError as error:
            contents.append(InputError("file.unreadable", f"The file cannot be read: {error.strerror}."))
    answers = iter(screener.try_many(content for content in contents if isinstance(content, Content)))
    for path, content in zip(paths, contents, strict=True):
        yield path, content if isinstance(content, InputError) else next(answers)
