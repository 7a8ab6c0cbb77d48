import re

import numpy as np
import pytest

from evenhand.console.review.qr_code import qr_code_of

zxingcpp = pytest.importorskip("zxingcpp")


@pytest.mark.parametrize("address", ["otpauth://totp/evenhand:ada?secret=JBSWY3DPEHPK3PXP&issuer=evenhand", "x" * 300])
def test_a_reader_reads_the_address(address):
    code = qr_code_of(address)
    squares = np.full((code.size, code.size), 255, np.uint8)
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", code.path)
    for x, y, length, back in runs:
        assert length == back
        squares[int(y), int(x) : int(x) + int(length)] = 0
    assert re.sub(r"M\d+ \d+h\d+v1h-\d+z", "", code.path) == ""
    (found,) = zxingcpp.read_barcodes(squares.repeat(4, 0).repeat(4, 1))
    assert found.text == address
    assert squares[:4].min() == squares[:, -4:].min() == 255
