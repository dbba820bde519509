"""Writes the files of a very small BERT encoder to FOLDER/files, and a wheel of them to FOLDER/wheels.

    python3 tiny_bert.py FOLDER
"""

import json
import os
import struct
import sys
import zipfile

CONFIG = {"model_type": "bert", "hidden_act": "gelu", "hidden_size": 32, "intermediate_size": 64, "layer_norm_eps": 1e-12,
          "max_position_embeddings": 8, "num_attention_heads": 2, "num_hidden_layers": 1, "type_vocab_size": 2,
          "vocab_size": 6}
LAYER = "encoder.layer.0."


def shapes():
    result = {"embeddings.word_embeddings.weight": [6, 32], "embeddings.position_embeddings.weight": [8, 32],
              "embeddings.token_type_embeddings.weight": [2, 32], LAYER + "intermediate.dense.weight": [64, 32],
              LAYER + "intermediate.dense.bias": [64], LAYER + "output.dense.weight": [32, 64],
              LAYER + "output.dense.bias": [32]}
    for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
        result[LAYER + part + ".weight"] = [32, 32]
        result[LAYER + part + ".bias"] = [32]
    for norm in ("embeddings.", LAYER + "attention.output.", LAYER + "output."):
        result[norm + "LayerNorm.weight"] = [32]
        result[norm + "LayerNorm.bias"] = [32]
    return result


def tensors():
    header, data = {}, b""
    for name, shape in shapes().items():
        count = shape[0] * (shape[1] if len(shape) > 1 else 1)
        values = struct.pack(f"<{count}f", *((i % 7) / 8 for i in range(count)))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def main():
    folder = sys.argv[1]
    files = {"model.safetensors": tensors(), "vocab.txt": b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nsun\n",
             "config.json": json.dumps(CONFIG).encode()}
    for part in ("files", "wheels"):
        os.makedirs(os.path.join(folder, part), exist_ok=True)
    with zipfile.ZipFile(os.path.join(folder, "wheels", "tiny_bert-1.0-py3-none-any.whl"), "w") as wheel:
        for name, content in files.items():
            with open(os.path.join(folder, "files", name), "wb") as out:
                out.write(content)
            wheel.writestr("tiny_bert/model/" + name, content)
        wheel.writestr("tiny_bert-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny_bert\nVersion: 1.0\n")
        wheel.writestr("tiny_bert-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr("tiny_bert-1.0.dist-info/RECORD", "")


if __name__ == "__main__":
    main()
