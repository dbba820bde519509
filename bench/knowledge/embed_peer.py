"""The same encoder in sentence-transformers, for gpiot-bench-embed to be compared with: JSON on stdout.

    PEER/bin/python embed_peer.py MODEL_FOLDER passages.jsonl [--type f32|bf16] [--batch N] [--threads N] [--index FILE]

Run it once for each type and batch size, beside gpiot-bench-embed on the same machine; the best one counts (embed_pairs.py
does that). With --index the vectors go into a flat FAISS index, which is written to FILE. Needs torch,
sentence-transformers and, for the index, faiss-cpu.
"""

import argparse
import json
import resource
import time


def cpu_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("texts")
    parser.add_argument("--type", choices=("f32", "bf16"), default="f32")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--index")
    args = parser.parse_args()
    import sentence_transformers
    import torch
    if args.index:
        import faiss

    torch.set_num_threads(args.threads)
    options = {"model_kwargs": {"dtype": torch.bfloat16}} if args.type == "bf16" else {}
    model = sentence_transformers.SentenceTransformer(args.model, device="cpu", **options)
    model.max_seq_length = 256
    with open(args.texts) as file:
        texts = [json.loads(line)["text"] for line in file]
    model.encode(texts[:8], batch_size=8, show_progress_bar=False)
    wall = cpu = 1e9
    for _ in range(args.repeats):
        start, cpu_start = time.perf_counter(), cpu_seconds()
        vectors = model.encode(texts, batch_size=args.batch, show_progress_bar=False, normalize_embeddings=True)
        if args.index:
            index = faiss.IndexFlatIP(vectors.shape[1])
            index.add(vectors)
            faiss.write_index(index, args.index)
        wall, cpu = min(wall, time.perf_counter() - start), min(cpu, cpu_seconds() - cpu_start)
    print(json.dumps({
        "program": f"sentence-transformers {sentence_transformers.__version__}, torch {torch.__version__}",
        "texts": len(texts), "max_tokens": 256, "type": args.type, "batch": args.batch, "threads": args.threads,
        "index": bool(args.index), "wall_s": wall, "cpu_s": cpu,
        "texts_per_s": len(texts) / wall, "cpu_ms_per_text": 1e3 * cpu / len(texts),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


if __name__ == "__main__":
    main()
