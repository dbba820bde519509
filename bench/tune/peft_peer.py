#!/usr/bin/env python3
"""The same steps with transformers + PEFT, on the same GGUF file, and whether the numbers agree.

    bench/tune/peft_peer.py MODEL.gguf PEER_DIR --type f32 --check          logits of base and adapter
    bench/tune/peft_peer.py MODEL.gguf PEER_DIR --type f32 --steps 50 ...   losses and times of the steps

PEER_DIR is what `gpiot-bench-tune --peer` wrote. Documents of a step are put into batches of --batch, longest first and
padded, as TRL's group_by_length does; the loss counts the same tokens. Needs torch, transformers, peft, gguf and
safetensors (see README.md). One JSON object goes to stdout.
"""
import argparse
import json
import os
import resource
import sys
import time

import torch
from peft import PeftModel
from safetensors.torch import load_file, safe_open
from transformers import AutoModelForCausalLM


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("peer")
    parser.add_argument("--type", choices=("f32", "bf16"), default="f32")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warm", type=int, default=0, help="first steps that are not timed")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--clip", type=float, default=0.3)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--alpha-over-rank", type=float, default=0.25)
    parser.add_argument("--task", default="tdd")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    return parser.parse_args()


def load(arguments):
    kind = torch.float32 if arguments.type == "f32" else torch.bfloat16
    folder, name = os.path.split(os.path.abspath(arguments.model))
    base = AutoModelForCausalLM.from_pretrained(folder, gguf_file=name, dtype=kind, attn_implementation="sdpa")
    base.config.use_cache = False
    return base.to(arguments.device)


def relative(got, wanted):
    return float((got - wanted).norm() / wanted.norm())


def check(arguments):
    base = load(arguments)
    path = os.path.join(arguments.peer, "logits.safetensors")
    ours = load_file(path)
    with safe_open(path, "pt") as file:
        facts = file.metadata()
    tokens = torch.tensor([json.loads(facts["tokens"])], device=arguments.device)
    with torch.no_grad():
        plain = base(tokens).logits[0, :-1].float().cpu()
        adapted_model = PeftModel.from_pretrained(base, os.path.join(arguments.peer, "start", facts["task"]))
        adapted = adapted_model(tokens).logits[0, :-1].float().cpu()
    return {"check": "logits", "tokens": tokens.numel(), "base_relative_l2": relative(ours["base"], plain),
            "adapted_relative_l2": relative(ours["adapted"], adapted), "adapter_changes": relative(adapted, plain)}


def batches(documents, size):
    order = sorted(documents, key=lambda d: -len(d["tokens"]))
    for start in range(0, len(order), size):
        part = order[start:start + size]
        longest = max(len(d["tokens"]) for d in part)
        tokens = torch.zeros((len(part), longest), dtype=torch.long)
        labels = torch.full((len(part), longest), -100)
        mask = torch.zeros((len(part), longest), dtype=torch.long)
        for row, document in enumerate(part):
            length = len(document["tokens"])
            tokens[row, :length] = torch.tensor(document["tokens"])
            mask[row, :length] = 1
            labels[row, document["answer_start"]:length] = tokens[row, document["answer_start"]:length]
        yield tokens, mask, labels


def train(arguments):
    model = PeftModel.from_pretrained(load(arguments), os.path.join(arguments.peer, "start", arguments.task),
                                      is_trainable=True)
    # The file has alpha / rank folded into B: here B is what is trained, and the scale stands outside.
    for module in model.modules():
        if hasattr(module, "scaling") and isinstance(module.scaling, dict):
            for key in module.scaling:
                module.scaling[key] = arguments.alpha_over_rank
                module.lora_B[key].weight.data /= arguments.alpha_over_rank
                module.lora_A[key].float(), module.lora_B[key].float()
                if arguments.dropout > 0:
                    module.lora_dropout[key] = torch.nn.Dropout(arguments.dropout)
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=arguments.rate, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: 0.5 * (1 + torch.cos(torch.tensor(torch.pi * s / arguments.steps)).item()))
    with open(os.path.join(arguments.peer, "steps.json"), encoding="utf-8") as file:
        steps = json.load(file)[:arguments.steps]
    losses, times, tokens, counted = [], [], 0, 0
    model.train()
    for number, documents in enumerate(steps):
        start = time.perf_counter()
        all_counted = sum(len(d["tokens"]) - d["answer_start"] for d in documents)
        total = 0.0
        for batch in batches(documents, arguments.batch):
            ids, mask, labels = (part.to(arguments.device) for part in batch)
            logits = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float()
            loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten(), ignore_index=-100,
                                                     reduction="sum") / all_counted
            loss.backward()
            total += loss.item()
        torch.nn.utils.clip_grad_norm_(trained, arguments.clip)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        if arguments.device == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
        losses.append(total)
        if number >= arguments.warm:
            tokens += sum(len(d["tokens"]) for d in documents)
            counted += all_counted
        print(f"step {number + 1}: loss {total:.4f}, {times[-1]:.2f} s", file=sys.stderr, flush=True)
    seconds = sum(times[arguments.warm:])
    return {"peer": "transformers + PEFT", "type": arguments.type, "batch": arguments.batch, "steps": len(steps), "warm_steps": arguments.warm,
            "seconds": seconds, "tokens": tokens, "tokens_per_s": tokens / seconds,
            "counted_tokens_per_s": counted / seconds,
            "peak_resident_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            "peak_device_bytes": torch.cuda.max_memory_allocated() if arguments.device == "cuda" else 0,
            "losses": losses, "step_s": times}


def main():
    arguments = parse()
    torch.manual_seed(1)
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    import importlib.metadata as metadata

    result = check(arguments) if arguments.check else train(arguments)
    result["versions"] = {name: metadata.version(name) for name in ("torch", "transformers", "peft")}
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
