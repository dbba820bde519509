#!/usr/bin/env python3
"""Our PEFT files through llama.cpp's own convert_lora_to_gguf.py: do they become our GGUF files?

    bench/tune/stock_convert.py --llama-cpp DIR --base FILE.gguf --tuned DIR [--roles tdslm,cgslm]

Run it with a Python that has numpy, torch, transformers and safetensors. DIR of --llama-cpp is a source tree of
llama.cpp (its script and gguf-py are used), that of --tuned what `gpiot tune` or `gpiot adapter export` wrote. Ranks may
differ (PEFT has one for all matrices), so what each pair of factors multiplies out to is compared. JSON on stdout.
"""
import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile

import numpy as np

FAMILIES = {"llama": "LlamaForCausalLM", "qwen2": "Qwen2ForCausalLM"}
LIMIT = 1e-6


def fields_of(reader):
    return {name: field.contents() for name, field in reader.fields.items() if not name.startswith("tokenizer.ggml.")}


def config_of(reader):
    """What the stock script wants to know of the base: its config.json, from the GGUF file's own facts."""
    facts = fields_of(reader)
    family = facts["general.architecture"]
    of = lambda key: facts[f"{family}.{key}"]  # noqa: E731
    names = {tensor.name: tensor for tensor in reader.tensors}
    return {"architectures": [FAMILIES[family]], "model_type": family, "hidden_size": of("embedding_length"),
            "intermediate_size": of("feed_forward_length"), "num_hidden_layers": of("block_count"),
            "num_attention_heads": of("attention.head_count"), "num_key_value_heads": of("attention.head_count_kv"),
            "rms_norm_eps": of("attention.layer_norm_rms_epsilon"), "rope_theta": of("rope.freq_base"),
            "max_position_embeddings": of("context_length"), "vocab_size": int(names["token_embd.weight"].shape[1]),
            "tie_word_embeddings": "output.weight" not in names, "torch_dtype": "float32"}


def products_of(reader):
    """{matrix: (what its factors multiply out to, rank)}."""
    tensors = {tensor.name: np.array(tensor.data, dtype=np.float64) for tensor in reader.tensors}
    alpha = fields_of(reader).get("adapter.lora.alpha", 0)
    products = {}
    for name, a in tensors.items():
        if name.endswith(".lora_a"):
            matrix = name.removesuffix(".lora_a")
            products[matrix] = (tensors[matrix + ".lora_b"] @ a * (alpha / len(a) if alpha else 1), len(a))
    return products


def compare(ours, theirs):
    if set(ours) != set(theirs):
        raise SystemExit(f"other matrices: {sorted(set(ours) ^ set(theirs))[:4]}")
    worst = max(np.linalg.norm(ours[m][0] - theirs[m][0]) / np.linalg.norm(ours[m][0]) for m in ours)
    return {"matrices": len(ours), "ranks_ours": sorted({rank for _, rank in ours.values()}),
            "ranks_theirs": sorted({rank for _, rank in theirs.values()}), "worst_relative_difference": float(worst),
            "equal": bool(worst <= LIMIT)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--llama-cpp", required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--tuned", required=True)
    parser.add_argument("--roles", default="tdslm,cgslm")
    arguments = parser.parse_args()
    sys.path.insert(0, os.path.join(arguments.llama_cpp, "gguf-py"))
    from gguf import GGUFReader

    roles = {}
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "config.json"), "w", encoding="utf-8") as file:
            json.dump(config_of(GGUFReader(arguments.base)), file)
        for role in arguments.roles.split(","):
            made = os.path.join(folder, role + ".gguf")
            subprocess.run([sys.executable, os.path.join(arguments.llama_cpp, "convert_lora_to_gguf.py"), "--base", folder,
                            "--outtype", "f32", "--outfile", made, os.path.join(arguments.tuned, "peft", role)],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            ours = GGUFReader(os.path.join(arguments.tuned, role + ".gguf"))
            roles[role] = compare(products_of(ours), products_of(GGUFReader(made)))
    here = os.path.dirname(os.path.abspath(__file__))
    commit = subprocess.run(["git", "-C", here, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    print(json.dumps({"bench": "stock_convert", "commit": commit, "machine": platform.machine(),
                      "base": os.path.basename(arguments.base), "roles": roles}, indent=1))
    raise SystemExit(0 if all(role["equal"] for role in roles.values()) else 1)


if __name__ == "__main__":
    main()
