"""The encoder in torch: BERT whose heads sum over pieces, as `detectors/encoder.py` runs it.

It needs torch, which only training may need: nothing that serves may import this file.
"""

from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

#: Sizes of MiniLM-L6 (Wang et al. 2020), whose weights training starts from.
PIECES: Final = 30_522
SIZE: Final = 384
INNER_SIZE: Final = 1_536
LAYERS: Final = 6
ATTENTION_HEADS: Final = 12
POSITIONS: Final = 512
EPSILON: Final = 1e-12
#: How many of 128 values are dropped in training.
DROPPED: Final = 13
#: What the heads say of a piece before training, so that a text of forty pieces starts as harmless.
FIRST_BIAS: Final = -6.0

_STEPS: Final = 128
_SILENT: Final = -10_000.0


class Layer(nn.Module):
    """One layer of the transformer."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(SIZE, 3 * SIZE)
        self.out = nn.Linear(SIZE, SIZE)
        self.norm1 = nn.LayerNorm(SIZE, eps=EPSILON)
        self.up = nn.Linear(SIZE, INNER_SIZE)
        self.down = nn.Linear(INNER_SIZE, SIZE)
        self.norm2 = nn.LayerNorm(SIZE, eps=EPSILON)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return new states, by text, piece and size; `mask` says which pieces are there."""
        texts, pieces, _ = states.shape
        parts = self.qkv(states).view(texts, pieces, 3, ATTENTION_HEADS, SIZE // ATTENTION_HEADS)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        # Written out, because torch's fused attention is slow to go back through on a processor: half of a training.
        products = (query * (SIZE // ATTENTION_HEADS) ** -0.5) @ key.transpose(-1, -2)
        shares = products.masked_fill(~mask, _SILENT).softmax(-1).to(value.dtype)
        seen = (shares @ value).transpose(1, 2).reshape(texts, pieces, SIZE)
        states = self.norm1(states + dropped(self.out(seen), is_training=self.training))
        wide = functional.gelu(self.up(states))
        return self.norm2(states + dropped(self.down(wide), is_training=self.training))  # type: ignore[no-any-return]


def dropped(states: Tensor, *, is_training: bool) -> Tensor:
    """Return `states` with one value in ten at 0 and the others raised to make up for it (Srivastava et al. 2014).

    Eight values share one random number, a byte each: drawing one for each takes a fifth of a training's time.
    """
    if not is_training:
        return states
    drawn = torch.empty(-(-states.numel() // 8), dtype=torch.int64, device=states.device).random_()
    bytes_ = drawn.view(torch.uint8)[: states.numel()].view(states.shape)
    is_kept = (bytes_ & (_STEPS - 1)) >= DROPPED  # the topmost bit of a random number is always 0
    return states * is_kept.to(states.dtype) * (_STEPS / (_STEPS - DROPPED))


class Network(nn.Module):
    """What each piece of a text says, by head."""

    def __init__(self, *, heads: int) -> None:
        super().__init__()
        self.words = nn.Embedding(PIECES, SIZE)
        self.positions = nn.Embedding(POSITIONS, SIZE)
        self.norm = nn.LayerNorm(SIZE, eps=EPSILON)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.head = nn.Linear(SIZE, heads)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.constant_(self.head.bias, FIRST_BIAS)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return a part for each text, piece and head; padding and the marks at both ends have no say."""
        place = torch.arange(ids.shape[1], device=ids.device)[None]
        states = self.norm(self.words(ids) + self.positions.weight[: ids.shape[1]])
        states = dropped(states, is_training=self.training)
        mask = (place < lengths[:, None])[:, None, None, :]
        for layer in self.layers:
            states = layer(states, mask)
        has_say = (place > 0) & (place < lengths[:, None] - 1)
        return self.head(states).float().masked_fill(~has_say[..., None], _SILENT)  # type: ignore[no-any-return]

    def sums(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return each text's sum by head: the log-sum-exp of its pieces' parts."""
        return torch.logsumexp(self(ids, lengths), dim=1)


def pretrained(path: Path, *, heads: int) -> Network:
    """Return a network with the weights of a BERT file (`model.safetensors`) of MiniLM-L6's sizes, and new heads."""
    from safetensors.torch import load_file

    found = {name.removeprefix("bert."): values for name, values in load_file(path).items()}
    embeddings = "embeddings"
    states: dict[str, Any] = {
        "words.weight": found[f"{embeddings}.word_embeddings.weight"],
        # Every text is one segment, so what BERT adds for that goes into the positions.
        "positions.weight": found[f"{embeddings}.position_embeddings.weight"]
        + found[f"{embeddings}.token_type_embeddings.weight"][0],
        "norm.weight": found[f"{embeddings}.LayerNorm.weight"],
        "norm.bias": found[f"{embeddings}.LayerNorm.bias"],
    }
    for number in range(LAYERS):
        states |= _layer(found, number)
    network = Network(heads=heads)
    network.load_state_dict(states | {f"head.{name}": value for name, value in network.head.state_dict().items()})
    return network


def _layer(found: dict[str, Any], number: int) -> dict[str, Any]:
    theirs = f"encoder.layer.{number}"
    names = {
        "out": "attention.output.dense",
        "norm1": "attention.output.LayerNorm",
        "up": "intermediate.dense",
        "down": "output.dense",
        "norm2": "output.LayerNorm",
    }
    states = {}
    for kind in ("weight", "bias"):
        parts = [found[f"{theirs}.attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
        states[f"layers.{number}.qkv.{kind}"] = torch.cat(parts)
        states |= {f"layers.{number}.{own}.{kind}": found[f"{theirs}.{name}.{kind}"] for own, name in names.items()}
    return states
