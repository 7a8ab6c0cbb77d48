"""Write a trained network as an int8 ONNX file with its vocabulary and calibration, as `detectors/encoder.py` loads it.

The graph is built here, node by node, so that the file is the same to the byte for the same weights.
"""

import hashlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import msgspec
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from evenhand.detectors.encoder import DESCRIPTION, NETWORK, VOCABULARY, Description
from evenhand.learn.network import ATTENTION_HEADS, EPSILON, LAYERS, SIZE, Network

_OPSET: Final = 20
_IR_VERSION: Final = 10


def export(network: Network, *, description: Description, vocabulary: str, folder: Path) -> Description:
    """Write the three files of a model into `folder` and return its description, hash included.

    Args:
        network: The trained network.
        description: Heads and calibration; its hash is not read.
        vocabulary: One piece a line.
        folder: Where to; it is made if need be.
    """
    folder.mkdir(parents=True, exist_ok=True)
    save_network(network, folder / NETWORK)
    digest = hashlib.sha256((folder / NETWORK).read_bytes()).hexdigest()
    described = msgspec.structs.replace(description, sha256=digest)
    (folder / VOCABULARY).write_text(vocabulary, encoding="utf-8")
    (folder / DESCRIPTION).write_bytes(msgspec.json.format(msgspec.json.encode(described), indent=2) + b"\n")
    return described


def save_network(network: Network, path: Path, *, is_quantised: bool = True) -> None:
    """Write `network` to `path`; its matrices as int8 unless `is_quantised` is false."""
    graph = _Graph({name: value.float().numpy() for name, value in network.state_dict().items()})
    model = graph.model(heads=network.head.out_features)
    onnx.checker.check_model(model)
    if not is_quantised:
        onnx.save(model, path)
        return
    with TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        onnx.save(model, whole)
        quantize_dynamic(
            str(whole),
            str(path),
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=["MatMul", "Gather"],
            nodes_to_exclude=["parts.product"],  # the heads: small, and every error in them is one in a score
        )


class _Graph:
    """Nodes and weights of the network, under names that stay the same."""

    def __init__(self, weights: dict[str, Any]) -> None:
        self._weights = weights
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def model(self, *, heads: int) -> Any:
        """Return the whole network: `ids` of one text in, `parts` by piece and head out."""
        states = self._embed()
        for number in range(LAYERS):
            states = self._layer(states, number)
        self._linear(states, "head", "parts")
        graph = helper.make_graph(
            self._nodes,
            "encoder",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "pieces"])],
            [helper.make_tensor_value_info("parts", TensorProto.FLOAT, [1, "pieces", heads])],
            self._constants,
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION)

    def _embed(self) -> str:
        self._node("Gather", [self._weight("words.weight"), "ids"], "words")
        self._node("Shape", ["ids"], "shape")
        self._node("Gather", ["shape", self._constant("second", [1])], "length")
        bounds = [self._constant("start", [0]), "length", self._constant("axis", [0])]
        self._node("Slice", [self._weight("positions.weight"), *bounds], "places")
        self._node("Add", ["words", "places"], "embedded")
        return self._norm("embedded", "norm", "states")

    def _layer(self, states: str, number: int) -> str:
        name = f"layers.{number}"
        attended = self._linear(self._attention(states, name), f"{name}.out", f"{name}.attended")
        self._node("Add", [states, attended], f"{name}.sum1")
        middle = self._norm(f"{name}.sum1", f"{name}.norm1", f"{name}.middle")
        self._node("Gelu", [self._linear(middle, f"{name}.up", f"{name}.wide")], f"{name}.bent")
        narrow = self._linear(f"{name}.bent", f"{name}.down", f"{name}.narrow")
        self._node("Add", [middle, narrow], f"{name}.sum2")
        return self._norm(f"{name}.sum2", f"{name}.norm2", f"{name}.states")

    def _attention(self, states: str, name: str) -> str:
        parts = [f"{name}.{part}" for part in ("query", "key", "value")]
        mixed = self._linear(states, f"{name}.qkv", f"{name}.mixed")
        self._node("Split", [mixed, self._constant("thirds", [SIZE] * 3)], *parts, axis=-1)
        by_head = self._constant("by_head", [0, 0, ATTENTION_HEADS, SIZE // ATTENTION_HEADS])
        for part, order in zip(parts, ((0, 2, 1, 3), (0, 2, 3, 1), (0, 2, 1, 3)), strict=True):
            self._node("Reshape", [part, by_head], f"{part}.by_head")
            self._node("Transpose", [f"{part}.by_head"], f"{part}.turned", perm=order)
        query, key, value = (f"{part}.turned" for part in parts)
        self._node("MatMul", [query, key], f"{name}.products")
        scale = self._constant("scale", np.array([(SIZE // ATTENTION_HEADS) ** -0.5], np.float32))
        self._node("Mul", [f"{name}.products", scale], f"{name}.scaled")
        self._node("Softmax", [f"{name}.scaled"], f"{name}.weights", axis=-1)
        self._node("MatMul", [f"{name}.weights", value], f"{name}.seen")
        self._node("Transpose", [f"{name}.seen"], f"{name}.seen.turned", perm=(0, 2, 1, 3))
        return self._node("Reshape", [f"{name}.seen.turned", self._constant("joined", [0, 0, SIZE])], f"{name}.joined")

    def _linear(self, source: str, weights: str, name: str) -> str:
        matrix = self._constant(f"{weights}.matrix", self._weights[f"{weights}.weight"].T)
        self._node("MatMul", [source, matrix], f"{name}.product")
        return self._node("Add", [f"{name}.product", self._weight(f"{weights}.bias")], name)

    def _norm(self, source: str, weights: str, name: str) -> str:
        inputs = [source, self._weight(f"{weights}.weight"), self._weight(f"{weights}.bias")]
        return self._node("LayerNormalization", inputs, name, axis=-1, epsilon=EPSILON)

    def _node(self, kind: str, inputs: list[str], *outputs: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, list(outputs), name=outputs[0], **attributes))
        return outputs[0]

    def _weight(self, name: str) -> str:
        return self._constant(name, self._weights[name])

    def _constant(self, name: str, values: Any) -> str:
        if all(constant.name != name for constant in self._constants):
            self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name
