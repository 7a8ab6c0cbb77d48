"""A picture that is put into a bank is found by a running server within seconds, and no longer when it is taken out."""

import base64
import time

import httpx
import pytest

from drawings import encoded, photograph_like
from evenhand.content.decoding import Decoder
from evenhand.content.pdq import pdq
from evenhand.core.bank import Algorithm, BankKind, Entry
from evenhand.core.content import ImageFile
from evenhand.core.taxonomy import Label

KNOWN = encoded(photograph_like(640, 480))
#: The same picture, smaller, mirrored and as another format.
COPY = encoded(photograph_like(640, 480).resize((500, 375)).transpose(0), "JPEG", quality=60)


@pytest.fixture
def screen(server):
    with httpx.Client(base_url=server.url, headers=server.headers, trust_env=False, timeout=60) as client:

        def screen(data):
            body = {"images": [{"data": base64.b64encode(data).decode()}]}
            return client.post("/v1/screen", json=body).json()

        yield screen


def eventually(check):
    deadline = time.monotonic() + 20
    while not (found := check()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def test_a_known_picture_and_its_copy_are_found_live_and_explained(server, screen):
    banks = server.store.banks
    banks.create(name="adverts", owner="tests", kind=BankKind.BLOCK, label=Label.ADVERTISING, distance=31)
    assert screen(KNOWN)["scores"]["advertising"] < 0.5
    with Decoder(workers=1) as decoder:
        hashed = pdq(decoder.decode(ImageFile(KNOWN)).frames[0].pixels)
    banks.put("adverts", [Entry(Algorithm.PDQ, hashed.bits, "advert-1")], source="tests")
    assert eventually(lambda: screen(COPY)["scores"]["advertising"] > 0.9)
    signal = next(signal for signal in screen(COPY)["signals"] if signal["detector"] == "image.hash_bank")
    assert signal["regions"][0]["source"].startswith("bank:adverts/")
    assert "distance" in signal["reason"]
    assert signal["version"] == screen(COPY)["detectors"]["image.hash_bank"]
    banks.set_enabled("adverts", is_enabled=False)
    assert eventually(lambda: screen(COPY)["scores"]["advertising"] < 0.5)
