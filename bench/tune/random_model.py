#!/usr/bin/env python3
"""A model of any size with random weights, for timing alone: how long a step takes does not depend on what the model says.

    bench/tune/random_model.py VOCABULARY.gguf OUT.gguf --blocks 28 --width 1536 --heads 12 --kv-heads 2 --ffn 8960

VOCABULARY is a Qwen2 model, or what `--no-tensors` made of one (its tokeniser and facts alone: a few MB). Matrices are
BF16, norms and biases F32. With a Python that has numpy, torch and gguf.
"""
import argparse

import gguf
import numpy
import torch

from cut_model import write, writer_like


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("--no-tensors", action="store_true")
    for name in ("blocks", "width", "heads", "kv-heads", "ffn"):
        parser.add_argument("--" + name, type=int)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def add_tensors(writer, arguments, vocabulary):
    device = "cuda" if torch.cuda.is_available() else "cpu"
    draw = torch.Generator(device).manual_seed(arguments.seed)

    def matrix(name, rows, columns):
        numbers = torch.randn((rows, columns), generator=draw, device=device, dtype=torch.float32) * 0.02
        bits = numbers.to(torch.bfloat16).view(torch.int16).cpu().numpy().view(numpy.uint8)
        writer.add_tensor(name + ".weight", bits, raw_shape=(rows, 2 * columns), raw_dtype=gguf.GGMLQuantizationType.BF16)

    def vector(name, size, value):
        writer.add_tensor(name, numpy.full(size, value, dtype=numpy.float32))

    width, ffn = arguments.width, arguments.ffn
    kv = width // arguments.heads * arguments.kv_heads
    matrix("token_embd", vocabulary, width)
    vector("output_norm.weight", width, 1.0)
    for block in range(arguments.blocks):
        at = f"blk.{block}."
        for name, rows in (("attn_q", width), ("attn_k", kv), ("attn_v", kv)):
            matrix(at + name, rows, width)
            vector(at + name + ".bias", rows, 0.01)
        matrix(at + "attn_output", width, width)
        matrix(at + "ffn_gate", ffn, width)
        matrix(at + "ffn_up", ffn, width)
        matrix(at + "ffn_down", width, ffn)
        vector(at + "attn_norm.weight", width, 1.0)
        vector(at + "ffn_norm.weight", width, 1.0)


def main():
    arguments = parse()
    reader = gguf.GGUFReader(arguments.model)
    changed = {} if arguments.no_tensors else {
        "qwen2.block_count": arguments.blocks, "qwen2.embedding_length": arguments.width,
        "qwen2.feed_forward_length": arguments.ffn, "qwen2.attention.head_count": arguments.heads,
        "qwen2.attention.head_count_kv": arguments.kv_heads}
    writer = writer_like(reader, arguments.out, changed)
    if not arguments.no_tensors:
        add_tensors(writer, arguments, len(reader.fields["tokenizer.ggml.tokens"].data))
    write(writer)


if __name__ == "__main__":
    main()
