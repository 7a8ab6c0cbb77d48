import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; see `make .venv/train`")

import onnxruntime  # noqa: E402

from evenhand.detectors.encoder import NETWORK, Description, Encoder  # noqa: E402
from evenhand.learn.export import export, save_network  # noqa: E402
from evenhand.learn.network import pretrained  # noqa: E402
from evenhand.learn.train import pretrained_folder  # noqa: E402

TEXT = "you are an idiot and everybody here knows it"


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(1)
    with pytest.MonkeyPatch.context() as patch:
        # Two of the six layers are written the same way, in a third of the time.
        for module in ("network", "export"):
            patch.setattr(f"evenhand.learn.{module}.LAYERS", 2)
        yield made()


def made():
    network = pretrained(pretrained_folder() / "model.safetensors", heads=2)
    torch.nn.init.normal_(network.head.weight, std=0.5)
    return network.eval()


@pytest.fixture(scope="module")
def folder(network, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    vocabulary = (pretrained_folder() / "vocab.txt").read_text(encoding="utf-8")
    export(
        network, description=Description(("a", "b"), (1.0, 1.0), (0.0, 0.0), ""), vocabulary=vocabulary, folder=folder
    )
    return folder


def parts_of(network, encoder):
    pieces = encoder.cutter.pieces(TEXT).ids
    ids = [encoder.cutter.begin, *pieces, encoder.cutter.end]
    with torch.no_grad():
        return ids, network(torch.tensor([ids]), torch.tensor([len(ids)])).numpy()[0, 1:-1]


def test_the_graph_computes_what_the_network_does(network, folder, tmp_path):
    ids, expected = parts_of(network, Encoder.load(folder))
    save_network(network, tmp_path / "whole.onnx", is_quantised=False)
    (found,) = onnxruntime.InferenceSession(tmp_path / "whole.onnx").run(None, {"ids": np.array([ids])})
    assert found[0, 1:-1] == pytest.approx(expected, abs=1e-3)


def test_small_integers_change_little_and_take_a_quarter_of_the_space(network, folder, tmp_path):
    encoder = Encoder.load(folder)
    _, expected = parts_of(network, encoder)
    found = encoder.parts(encoder.cutter.pieces(TEXT).ids)
    # 0.94 on processors without VNNI, where sums of 8-bit products are cut off.
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.92
    save_network(network, tmp_path / "whole.onnx", is_quantised=False)
    assert (folder / NETWORK).stat().st_size < 0.3 * (tmp_path / "whole.onnx").stat().st_size


def test_the_same_weights_give_the_same_file(network, folder, tmp_path):
    save_network(network, tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == (folder / NETWORK).read_bytes()
