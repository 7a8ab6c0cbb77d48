import hashlib
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from evenhand.core.errors import ConfigurationError
from evenhand.detectors.onnx_file import Network, PackagedFile


def part(number, content):
    """Return one field of a protocol buffer: a number, or bytes with their length."""
    if isinstance(content, int):
        return bytes([number << 3, content])
    assert len(content) < 128
    return bytes([number << 3 | 2, len(content)]) + content


def copying_network():
    """Return an ONNX file that gives back what it is given."""

    def value(name):
        shape = part(2, part(1, part(2, b"n")))
        return part(1, name) + part(2, part(1, part(1, 1) + shape))

    node = part(1, b"x") + part(2, b"y") + part(4, b"Identity")
    graph = part(1, node) + part(2, b"g") + part(11, value(b"x")) + part(12, value(b"y"))
    return part(1, 8) + part(7, graph) + part(8, part(1, b"") + part(2, 13))


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    """Return a function that puts a file into a package that must not be imported."""

    def put(data, *, sha256=None):
        folder = tmp_path / "carrier_of_models"
        (folder / "inside").mkdir(parents=True)
        (folder / "__init__.py").write_text("raise RuntimeError('imported')\n")
        (folder / "inside" / "network.onnx").write_bytes(data)
        return PackagedFile("carrier_of_models", "inside/network.onnx", sha256 or hashlib.sha256(data).hexdigest())

    monkeypatch.syspath_prepend(tmp_path)
    yield put
    sys.modules.pop("carrier_of_models", None)


def test_a_file_is_found_and_read_without_importing_its_package(packaged):
    file = packaged(b"weights")
    assert file.find(field="image.some").name == "network.onnx"
    assert file.read(field="image.some") == b"weights"
    assert "carrier_of_models" not in sys.modules
    assert file.digest == file.sha256[:12]


@pytest.mark.parametrize(
    "file",
    [
        PackagedFile("no_such_package_anywhere", "network.onnx", ""),
        PackagedFile("json", "no/such/network.onnx", ""),
        PackagedFile("this", "network.onnx", ""),
    ],
    ids=["no package", "no file", "a module without a folder"],
)
def test_a_file_that_is_not_there_is_named_with_the_way_out(file):
    with pytest.raises(ConfigurationError) as raised:
        Network(file, field="image.some")
    error = raised.value
    assert error.code == "model.missing"
    assert error.field == "image.some"
    assert f"{file.package}/{file.path}" in error.message
    assert "evenhand[images]" in error.remedy


def test_another_file_than_the_one_that_was_measured_is_refused(packaged):
    file = packaged(b"other weights", sha256=hashlib.sha256(b"weights").hexdigest())
    with pytest.raises(ConfigurationError, match="not the file") as raised:
        file.read(field="image.some")
    assert raised.value.code == "model.damaged"


def test_a_file_that_cannot_be_read_is_damaged(packaged, monkeypatch):
    file = packaged(b"weights")

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(ConfigurationError, match="Permission denied") as raised:
        file.read(field="image.some")
    assert raised.value.code == "model.damaged"


def test_what_is_no_network_is_damaged_however_well_its_hash_fits(packaged):
    network = Network(packaged(b"no network"), field="image.some")
    with pytest.raises(ConfigurationError, match="cannot be run") as raised:
        network.run(np.zeros(3, np.float32))
    assert raised.value.code == "model.damaged"


def test_a_network_runs_on_whatever_numbers_it_is_given(packaged):
    network = Network(packaged(copying_network()), field="image.some")
    assert network.run(np.arange(6, dtype=np.float64)[::2]).tolist() == [0, 2, 4]


def test_a_network_is_opened_when_it_is_first_run_and_once_for_all_threads(packaged, monkeypatch):
    opened = []
    original = PackagedFile.read

    def read(self, *, field):
        opened.append(field)
        time.sleep(0.05)
        return original(self, field=field)

    monkeypatch.setattr(PackagedFile, "read", read)
    network = Network(packaged(copying_network()), field="image.some")
    assert opened == []
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(network.run, [np.full(2, number, np.float32) for number in range(8)]))
    assert [answer.tolist() for answer in answers] == [[number, number] for number in range(8)]
    assert opened == ["image.some"]


def test_a_network_works_on_one_thread(packaged):
    options = Network(packaged(copying_network()), field="image.some").session.get_session_options()
    assert options.intra_op_num_threads == options.inter_op_num_threads == 1
