"""An address as a QR code, as a path of SVG: a picture would need a data: address, which the pages refuse."""

from itertools import groupby
from typing import Final

import segno

from evenhand.console.review.contexts import QrCode

#: Light squares around the code; readers look for them.
_BORDER: Final = 4


def qr_code_of(address: str) -> QrCode:
    """Return `address` as a QR code."""
    matrix = segno.make_qr(address, error="m").matrix
    path = "".join(_row(y, row) for y, row in enumerate(matrix, _BORDER))
    return QrCode(path, len(matrix) + 2 * _BORDER)


def _row(y: int, squares: bytearray) -> str:
    """Return the runs of dark squares of one row."""
    runs, x = [], _BORDER
    for is_dark, run in groupby(squares, key=bool):
        length = len(list(run))
        if is_dark:
            runs.append(f"M{x} {y}h{length}v1h-{length}z")
        x += length
    return "".join(runs)
