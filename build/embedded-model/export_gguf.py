"""Writes the trained model as a GGUF file: matrices Q8_0, norms F32, tokenizer and chat template inside.

    python3 export_gguf.py --from FOLDER --to ../../resources/models/skein-tiny-q8_0.gguf
"""

import argparse
import struct
from pathlib import Path

import numpy
import torch

from tokenizer import CHAT_TEMPLATE, Tokenizer

U32, F32, BOOL, STRING, ARRAY = 4, 6, 7, 8, 9
TYPE_F32, TYPE_Q8_0 = 0, 8
I32 = 5
ALIGNMENT = 32


def text(value):
    raw = value.encode("utf-8")
    return struct.pack("<Q", len(raw)) + raw


def scalar(kind, value):
    if kind == STRING:
        return text(value)
    return struct.pack({U32: "<I", F32: "<f", BOOL: "<?", I32: "<i"}[kind], value)


def entry(key, kind, value, of=None):
    if kind == ARRAY:
        body = struct.pack("<IQ", of, len(value)) + b"".join(scalar(of, v) for v in value)
    else:
        body = scalar(kind, value)
    return text(key) + struct.pack("<I", kind) + body


def q8_0(matrix):
    """Blocks of 32 values: a half-precision scale, then 32 signed bytes."""
    blocks = matrix.astype(numpy.float32).reshape(-1, 32)
    scale = numpy.abs(blocks).max(1, keepdims=True) / 127
    inverse = numpy.divide(1, scale, out=numpy.zeros_like(scale), where=scale > 0)
    packed = numpy.empty(len(blocks), dtype=[("scale", "<f2"), ("values", "i1", 32)])
    packed["scale"] = scale[:, 0]
    packed["values"] = numpy.rint(blocks * inverse)
    return packed.tobytes()


def vocabulary(tokenizer):
    sp = tokenizer.sp
    tokens = [sp.id_to_piece(i) for i in range(len(sp))]
    scores = [sp.get_score(i) for i in range(len(sp))]
    kinds = [2 if sp.is_unknown(i) else 3 if sp.is_control(i) else 6 if sp.is_byte(i) else 1 for i in range(len(sp))]
    return tokens, scores, kinds


def metadata(config, tokenizer):
    tokens, scores, kinds = vocabulary(tokenizer)
    head = config["dim"] // config["heads"]
    return [
        entry("general.architecture", STRING, "llama"),
        entry("general.type", STRING, "model"),
        entry("general.name", STRING, "Skein Tiny"),
        entry("general.description", STRING, "Skein's tiny built-in model: answers questions about Skein, in English."),
        entry("general.size_label", STRING, "2.8M"),
        entry("general.license", STRING, "mit"),
        entry("general.languages", ARRAY, ["en"], STRING),
        entry("general.file_type", U32, 7),
        entry("general.quantization_version", U32, 2),
        entry("general.alignment", U32, ALIGNMENT),
        entry("llama.context_length", U32, config["context"]),
        entry("llama.embedding_length", U32, config["dim"]),
        entry("llama.block_count", U32, config["layers"]),
        entry("llama.feed_forward_length", U32, config["ffn"]),
        entry("llama.attention.head_count", U32, config["heads"]),
        entry("llama.attention.head_count_kv", U32, config["kv_heads"]),
        entry("llama.attention.key_length", U32, head),
        entry("llama.attention.value_length", U32, head),
        entry("llama.attention.layer_norm_rms_epsilon", F32, config["eps"]),
        entry("llama.rope.dimension_count", U32, head),
        entry("llama.rope.freq_base", F32, config["rope_base"]),
        entry("llama.vocab_size", U32, len(tokens)),
        entry("tokenizer.ggml.model", STRING, "llama"),
        entry("tokenizer.ggml.pre", STRING, "default"),
        entry("tokenizer.ggml.tokens", ARRAY, tokens, STRING),
        entry("tokenizer.ggml.scores", ARRAY, scores, F32),
        entry("tokenizer.ggml.token_type", ARRAY, kinds, I32),
        entry("tokenizer.ggml.bos_token_id", U32, tokenizer.bos),
        entry("tokenizer.ggml.eos_token_id", U32, tokenizer.end),
        entry("tokenizer.ggml.eot_token_id", U32, tokenizer.end),
        entry("tokenizer.ggml.unknown_token_id", U32, tokenizer.sp.unk_id()),
        entry("tokenizer.ggml.padding_token_id", U32, tokenizer.end),
        entry("tokenizer.ggml.add_bos_token", BOOL, True),
        entry("tokenizer.ggml.add_eos_token", BOOL, False),
        entry("tokenizer.ggml.add_space_prefix", BOOL, False),
        entry("tokenizer.chat_template", STRING, CHAT_TEMPLATE),
    ]


def tensors(model):
    names = {
        "attn_norm": "attn_norm", "attn.q": "attn_q", "attn.k": "attn_k", "attn.v": "attn_v", "attn.o": "attn_output",
        "ffn_norm": "ffn_norm", "gate": "ffn_gate", "up": "ffn_up", "down": "ffn_down",
    }  # fmt: skip
    yield "token_embd.weight", model["embed.weight"]
    for i in range(1 + max(int(k.split(".")[1]) for k in model if k.startswith("blocks."))):
        for ours, theirs in names.items():
            yield f"blk.{i}.{theirs}.weight", model[f"blocks.{i}.{ours}.weight"]
    yield "output_norm.weight", model["norm.weight"]


def padded(data):
    return data + b"\0" * (-len(data) % ALIGNMENT)


def export(source, target):
    state = torch.load(source / "checkpoint.pt", map_location="cpu")
    fields = metadata(state["config"], Tokenizer(source))
    infos, body = [], b""
    for name, tensor in tensors(state["model"]):
        kind = TYPE_Q8_0 if tensor.dim() == 2 else TYPE_F32
        sizes = tuple(reversed(tensor.shape))
        infos.append(text(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, len(body)))
        data = tensor.numpy()
        body += padded(q8_0(data) if kind == TYPE_Q8_0 else data.astype("<f4").tobytes())
    head = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(fields)) + b"".join(fields) + b"".join(infos)
    target.write_bytes(padded(head) + body)
    print(f"{target}: {target.stat().st_size} bytes, {len(infos)} tensors, after {state['step']} steps")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--from", dest="source", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    args = parser.parse_args()
    export(args.source, args.to)
