import pytest

torch = pytest.importorskip("torch", reason="torch is not installed; see `make .venv/train`")

from evenhand.learn.network import FIRST_BIAS, SIZE, Network, dropped, pretrained  # noqa: E402
from evenhand.learn.train import pretrained_folder  # noqa: E402

IDS = torch.tensor([[101, 2017, 2024, 102, 0, 0], [101, 2017, 2024, 1037, 2518, 102]])
LENGTHS = torch.tensor([4, 6])


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(1)
    return pretrained(pretrained_folder() / "model.safetensors", heads=3).eval()


def test_padding_changes_nothing(network):
    with torch.no_grad():
        together = network.sums(IDS, LENGTHS)
        alone = network.sums(IDS[:1, :4], LENGTHS[:1])
    assert torch.allclose(together[0], alone[0], atol=1e-4)


def test_padding_and_marks_have_no_say(network):
    with torch.no_grad():
        parts = network(IDS, LENGTHS)
    assert parts.shape == (2, 6, 3)
    assert (parts[0, [0, 3, 4, 5]] < -1_000).all()
    assert (parts[0, 1:3] > -1_000).all()


def test_an_untrained_text_starts_as_harmless(network):
    with torch.no_grad():
        assert torch.sigmoid(network.sums(IDS, LENGTHS)).max() < 0.1
    assert network.head.bias.tolist() == [FIRST_BIAS] * 3


def test_the_pretrained_weights_are_taken_over(network):
    assert not torch.equal(network.words.weight, Network(heads=3).words.weight)
    assert network.layers[0].qkv.weight.shape == (3 * SIZE, SIZE)


def test_one_value_in_ten_is_dropped_and_the_rest_makes_up_for_it():
    torch.manual_seed(1)
    states = dropped(torch.ones(7, 333, 41), is_training=True)
    assert float((states == 0).float().mean()) == pytest.approx(0.1, abs=0.01)
    assert float(states.mean()) == pytest.approx(1.0, abs=0.01)


def test_nothing_is_dropped_outside_training():
    states = torch.ones(3, 5)
    assert dropped(states, is_training=False) is states
