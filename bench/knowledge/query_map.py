#!/usr/bin/env python3
"""Learns the query map of an encoder (src/gpiot/retrieve/query_map.h) from the usage notes: knowledge/query_maps/HASH.safetensors.

    PEER/bin/python bench/knowledge/query_map.py --knowledge DIR --model MODEL_FOLDER --out FILE

DIR is a whole knowledge base of the default set (gpiot knowledge add); MODEL_FOLDER the encoder for sentence-transformers.
Every phrase of knowledge/uses is a question once. What answers it are the vectors of its function without the phrase's
own one: -log of their share in the softmax over the vectors of all functions that have notes. Functions without notes
take no part, so that nothing pushes them away. No query of this folder is read. Needs torch, sentence-transformers and
safetensors; about ten minutes on two cores.
"""
import argparse
import glob
import json
import os
import sqlite3
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read_notes():
    """[(name, phrase)]"""
    pairs = []
    for path in sorted(glob.glob(os.path.join(ROOT, "knowledge", "uses", "*.tsv"))):
        with open(path, encoding="utf-8") as file:
            for line in file:
                name, _, note = line.rstrip("\n").partition("\t")
                pairs += [(name, phrase.strip()) for phrase in note.split(";") if phrase.strip()]
    return pairs


def read_base(folder):
    """Vectors [rows, dimension], the passage of each, the passage of each name, the hash of the encoder."""
    import numpy
    with sqlite3.connect(f"file:{folder}/knowledge.sqlite3?mode=ro", uri=True) as base:
        rows = base.execute("SELECT pv.passage, v.components FROM passage_vector pv JOIN vector v ON v.id = pv.vector "
                            "ORDER BY v.id, pv.passage").fetchall()
        names = {}
        for passage, title, others in base.execute("SELECT id, title, names FROM passage ORDER BY id"):
            for name in [title, *others.split()]:
                names.setdefault(name, passage)
        encoder = base.execute("SELECT value FROM meta WHERE key = 'encoder_sha256'").fetchone()[0]
    vectors = numpy.array([numpy.frombuffer(components, numpy.float32) for _, components in rows])
    return vectors, [passage for passage, _ in rows], names, encoder


def embed(texts, folder):
    from sentence_transformers import SentenceTransformer
    model = SentenceTransformer(folder, device="cpu")
    model.max_seq_length = 256
    return model.encode(texts, batch_size=64, normalize_embeddings=True, convert_to_tensor=True, show_progress_bar=False)


def learn(questions, asked, vectors, passages, options):
    """The change of a question's vector, [dimension, dimension]."""
    import torch
    noted = torch.isin(passages, asked)
    vectors, passages = vectors[noted], passages[noted]
    rows = {}
    for row, passage in enumerate(passages.tolist()):
        rows.setdefault(passage, []).append(row)
    own = torch.tensor([rows[p][int((vectors[rows[p]] @ q).argmax())] for q, p in zip(questions, asked.tolist())])
    several = torch.tensor([index for index, p in enumerate(asked.tolist()) if len(rows[p]) > 1])
    change = torch.zeros(vectors.shape[1], vectors.shape[1], requires_grad=True)
    optimizer = torch.optim.AdamW([change], lr=options.rate, weight_decay=options.decay)
    generator = torch.Generator().manual_seed(options.seed)
    start, steps, losses = time.time(), options.epochs * (len(several) // options.batch), []
    for _ in range(options.epochs):
        order = several[torch.randperm(len(several), generator=generator)]
        for first in range(0, len(order) - options.batch + 1, options.batch):
            batch = order[first:first + options.batch]
            turned = torch.nn.functional.normalize(questions[batch] + questions[batch] @ change, dim=1)
            scores = (turned @ vectors.T / options.temperature).scatter(1, own[batch][:, None], -1e4)
            right = passages[None, :] == asked[batch][:, None]
            loss = (scores.logsumexp(1) - scores.masked_fill(~right, -1e4).logsumexp(1)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if len(losses) % 20 == 0:
                left_s = (time.time() - start) / len(losses) * (steps - len(losses))
                print(f"step {len(losses)} of {steps}, loss {sum(losses[-20:]) / 20:.3f}, {left_s:.0f} s left",
                      file=sys.stderr, flush=True)
    return change.detach(), losses


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--knowledge", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--rank", type=int, default=128)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--decay", type=float, default=0.01)
    parser.add_argument("--temperature", type=float, default=0.05)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    import torch
    from safetensors.torch import save_file
    vectors, passages, names, encoder = read_base(options.knowledge)
    pairs = [(names[name], phrase) for name, phrase in read_notes() if name in names]
    questions = embed([phrase for _, phrase in pairs], options.model)
    vectors = torch.nn.functional.normalize(torch.tensor(vectors), dim=1)
    asked = torch.tensor([passage for passage, _ in pairs])
    change, losses = learn(questions, asked, vectors, torch.tensor(passages), options)
    left, strength, right = torch.linalg.svd(change)
    rank = options.rank
    tensors = {"down": (left[:, :rank] * strength[:rank].sqrt()).contiguous(),
               "up": (strength[:rank].sqrt()[:, None] * right[:rank]).contiguous()}
    save_file(tensors, options.out, metadata={"encoder_sha256": encoder, "learnt_from": "knowledge/uses"})
    kept = float((strength[:rank] ** 2).sum() / (strength ** 2).sum())
    print(json.dumps({"phrases": len(pairs), "rows": len(vectors), "steps": len(losses), "rank": rank,
                      "kept_of_the_change": round(kept, 4), "loss_first_20": sum(losses[:20]) / 20,
                      "loss_last_20": sum(losses[-20:]) / 20, "encoder_sha256": encoder, "seed": options.seed}, indent=1))


if __name__ == "__main__":
    main()
