#!/usr/bin/env python3
"""The first blocks of a GGUF model as a model of their own: small enough to compare numbers in f32 on a small machine.

    bench/tune/cut_model.py MODEL.gguf OUT.gguf --blocks 3        with a Python that has numpy and gguf

Weights are copied as they are; only the number of blocks changes. What it says is nonsense, and the same nonsense for
every program that reads it.
"""
import argparse

import gguf


def writer_like(reader, path, changed):
    """A writer for `path` with all facts of `reader`, tokeniser and template too, but for those that `changed` has."""
    family = reader.fields["general.architecture"].contents()
    writer = gguf.GGUFWriter(path, family)
    for key, field in reader.fields.items():
        if key.startswith("GGUF.") or key == "general.architecture":
            continue
        array = field.types[0] == gguf.GGUFValueType.ARRAY
        value = changed[key] if key in changed else field.contents()
        writer.add_key_value(key, value, field.types[0], sub_type=field.types[-1] if array else None)
    return writer


def write(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("out")
    parser.add_argument("--blocks", type=int, default=3)
    arguments = parser.parse_args()
    reader = gguf.GGUFReader(arguments.model)
    family = reader.fields["general.architecture"].contents()
    writer = writer_like(reader, arguments.out, {f"{family}.block_count": arguments.blocks})
    for tensor in reader.tensors:
        if not tensor.name.startswith("blk.") or int(tensor.name.split(".")[1]) < arguments.blocks:
            writer.add_tensor(tensor.name, tensor.data, raw_dtype=tensor.tensor_type)
    write(writer)


if __name__ == "__main__":
    main()
