#!/usr/bin/env python3
"""An adapter with random numbers in the shapes that `gpiot tune` exports for the 1.5B: for times of decoding alone.

    bench/tune/random_adapter.py OUT.gguf off|own-f16|own-f32        with a Python that has numpy and gguf

`own` fits the copy that `gpiot model derive qwen2.5-coder-1.5b --widen=256` makes.
"""
import argparse

import gguf
import numpy

from cut_model import write

BLOCKS, WIDTH, KV, FFN, PROJECTION = 28, 1536, 256, 8960 + 256, 64


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("kind", choices=("off", "own-f16", "own-f32"))
    arguments = parser.parse_args()
    draw = numpy.random.default_rng(1)
    writer = gguf.GGUFWriter(arguments.out, "qwen2")
    writer.add_string("general.type", "adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", 0.0)

    def pair(name, rank, columns, rows, kind=numpy.float32):
        for part, shape in (("a", (rank, columns)), ("b", (rows, rank))):
            writer.add_tensor(f"{name}.weight.lora_{part}", (draw.standard_normal(shape) * 0.002).astype(kind))

    for block in range(BLOCKS):
        at = f"blk.{block}."
        pair(at + "attn_q", 64, WIDTH, WIDTH)
        pair(at + "attn_k", 128, WIDTH, KV)
        pair(at + "attn_v", 128, WIDTH, KV)
        if arguments.kind == "off":
            continue
        kind = numpy.float16 if arguments.kind == "own-f16" else numpy.float32
        pair(at + "ffn_gate", PROJECTION, WIDTH, FFN, kind)
        pair(at + "ffn_up", PROJECTION, WIDTH, FFN, kind)
        pair(at + "ffn_down", PROJECTION, FFN, WIDTH, kind)
    write(writer)


if __name__ == "__main__":
    main()
