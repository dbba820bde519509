#!/usr/bin/env python3
"""The same documents through TRL's SFTTrainer + PEFT, on the same GGUF file: what a user gets who does not write a loop.

    bench/tune/trl_peer.py MODEL.gguf PEER_DIR --steps 4 [--form script|packed] [--device cuda] [--liger] [--unsloth]
                            [--checkpointing] [--attention sdpa|flex_attention]

PEER_DIR is what `gpiot-bench-tune --peer` wrote: the documents of its first steps are trained on once. `script`: four to a
padded batch, grouped by length, as the paper's script; `packed`: TRL's own packing (bfd) into rows of --row tokens, without
padding. One JSON object goes to stdout; times are of whole optimiser steps, the first --warm left out where there are more.
"""
import argparse
import importlib.metadata as metadata
import json
import os
import resource
import sys
import tempfile
import time

JSON_OUT, sys.stdout = sys.stdout, sys.stderr  # the libraries print, and our JSON stands alone

if "--unsloth" in sys.argv:
    import unsloth  # noqa: F401  first, as it asks: it changes what the others bring

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, TrainerCallback
from trl import SFTConfig, SFTTrainer

from peft_peer import load


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("peer")
    parser.add_argument("--steps", type=int, default=4, help="documents of so many of our steps")
    parser.add_argument("--task", choices=("tdd", "cgd"), default="", help="only the documents of one task")
    parser.add_argument("--form", choices=("script", "packed"), default="script")
    parser.add_argument("--type", choices=("f32", "bf16"), default="bf16")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--row", type=int, default=2048)
    parser.add_argument("--warm", type=int, default=1, help="first steps that are not timed: kernels are compiled then")
    parser.add_argument("--batch", type=int, help="rows at a time (script: 4, packed: 1)")
    parser.add_argument("--hf", help="folder of the base in transformers' own form, made where it is not there: GGUF is slow "
                                     "to read")
    parser.add_argument("--only-convert", action="store_true", help="make --hf, and no more")
    parser.add_argument("--rank", type=int, default=64)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--liger", action="store_true", help="with Liger's kernels, where they are installed")
    parser.add_argument("--unsloth", action="store_true", help="Unsloth's model in place of transformers', where installed")
    parser.add_argument("--attention", choices=("sdpa", "flex_attention"), default="sdpa")
    parser.add_argument("--checkpointing", action="store_true", help="activations recomputed (TRL's default)")
    return parser.parse_args()


def documents_of(arguments):
    with open(os.path.join(arguments.peer, "steps.json"), encoding="utf-8") as file:
        steps = json.load(file)[:arguments.steps]
    return [d for step in steps for d in step if arguments.task in ("", d["task"])], len(steps)


def converted(arguments, folder):
    """The base as transformers writes it, in `folder`; its own matrices, dequantised."""
    if not os.path.exists(os.path.join(folder, "tokenizer.json")):
        plain(load(arguments)).save_pretrained(folder)
        tokenizer_of(arguments).save_pretrained(folder)
    return folder


def base_of(arguments):
    kind = torch.float32 if arguments.type == "f32" else torch.bfloat16
    if not arguments.hf:
        base = plain(load(arguments))
        base.set_attn_implementation(arguments.attention)
        return base
    base = AutoModelForCausalLM.from_pretrained(converted(arguments, arguments.hf), dtype=kind,
                                                attn_implementation=arguments.attention)
    base.config.use_cache = False
    return base.to(arguments.device)


def plain(base):
    """TRL refuses a model that its configuration still calls quantised."""
    base.is_quantized, base.hf_quantizer = False, None
    if hasattr(base.config, "quantization_config"):
        del base.config.quantization_config
    return base


def adapted(arguments, folder):
    """The model and what PEFT is to add to it; Unsloth adds it by itself, to a copy in its own form."""
    facts = {"r": arguments.rank, "lora_alpha": 16, "lora_dropout": arguments.dropout,
             "target_modules": ["q_proj", "k_proj", "v_proj"]}
    if not arguments.unsloth:
        return base_of(arguments), LoraConfig(task_type="CAUSAL_LM", **facts)
    from unsloth import FastLanguageModel
    copy = converted(arguments, arguments.hf or os.path.join(folder, "base"))
    model, _ = FastLanguageModel.from_pretrained(copy, max_seq_length=arguments.row, dtype=torch.bfloat16, load_in_4bit=False)
    return FastLanguageModel.get_peft_model(model, use_gradient_checkpointing="unsloth" if arguments.checkpointing else False, **facts), None


def dataset_of(documents):
    return Dataset.from_list([
        {"input_ids": d["tokens"], "labels": [-100] * d["answer_start"] + d["tokens"][d["answer_start"]:]}
        for d in documents])


class Times(TrainerCallback):
    """When each optimiser step ended, and what it was given."""

    def __init__(self, device):
        self.ends, self.device = [], device

    def now(self):
        if self.device == "cuda":
            torch.cuda.synchronize()
        self.ends.append(time.perf_counter())

    def on_train_begin(self, *_, **__):
        self.now()

    def on_step_end(self, *_, **__):
        self.now()


def config_of(arguments, folder, documents, steps):
    rows = arguments.batch or (1 if arguments.form == "packed" else 4)
    whole = -(-sum(len(d["tokens"]) for d in documents) // arguments.row) if arguments.form == "packed" else len(documents)
    batches = -(-whole // rows)
    return SFTConfig(
        output_dir=folder, per_device_train_batch_size=rows, gradient_accumulation_steps=max(1, batches // steps),
        num_train_epochs=1, learning_rate=1e-4, lr_scheduler_type="cosine", max_grad_norm=0.3, seed=1,
        train_sampling_strategy="random" if arguments.form == "packed" else "group_by_length",
        packing=arguments.form == "packed", max_length=arguments.row, bf16=arguments.type == "bf16",
        use_cpu=arguments.device == "cpu", gradient_checkpointing=arguments.checkpointing,
        use_liger_kernel=arguments.liger, report_to=[], save_strategy="no", logging_strategy="no", disable_tqdm=True)


def main():
    arguments = parse()
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    if arguments.only_convert:
        converted(arguments, arguments.hf)
        return
    documents, steps = documents_of(arguments)
    times = Times(arguments.device)
    seen = []
    with tempfile.TemporaryDirectory() as folder:
        model, lora = adapted(arguments, folder)
        trainer = SFTTrainer(
            model=model, args=config_of(arguments, folder, documents, steps), train_dataset=dataset_of(documents),
            processing_class=tokenizer_of(arguments), callbacks=[times], peft_config=lora)
        inner = trainer.training_step

        def counting(model, inputs, *rest):
            labels = inputs["labels"]
            real = inputs["attention_mask"].sum() if "attention_mask" in inputs else labels.numel()
            seen.append((len(times.ends), int(real), int((labels != -100).sum())))
            return inner(model, inputs, *rest)

        trainer.training_step = counting
        done = trainer.train()
    first = min(arguments.warm, len(times.ends) - 2)
    seconds = times.ends[-1] - times.ends[first]
    used = [s for s in seen if s[0] > first]
    on_device = torch.cuda.max_memory_allocated() if arguments.device == "cuda" else 0
    print(json.dumps({
        "peer": "TRL + PEFT", "form": arguments.form, "batch": arguments.batch, "task": arguments.task,
        "type": arguments.type, "device": arguments.device, "liger": arguments.liger, "attention": arguments.attention, "unsloth": arguments.unsloth, "checkpointing": arguments.checkpointing,
        "optimiser_steps": len(times.ends) - 1, "timed_steps": len(times.ends) - 1 - first, "seconds": seconds, "tokens": sum(s[1] for s in used),
        "counted_tokens": sum(s[2] for s in used), "tokens_per_s": sum(s[1] for s in used) / seconds,
        "counted_tokens_per_s": sum(s[2] for s in used) / seconds, "loss": done.training_loss,
        "step_s": [b - a for a, b in zip(times.ends, times.ends[1:])],
        "peak_resident_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "peak_device_bytes": on_device,
        "versions": {name: metadata.version(name) for name in ("torch", "transformers", "peft", "trl")}}, indent=1), file=JSON_OUT)


def tokenizer_of(arguments):
    from transformers import AutoTokenizer
    folder, name = os.path.split(os.path.abspath(arguments.model))
    if arguments.hf and os.path.exists(os.path.join(arguments.hf, "tokenizer.json")):
        tokenizer = AutoTokenizer.from_pretrained(arguments.hf)
    else:
        tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=name)
    if tokenizer.pad_token in (None, tokenizer.eos_token):
        # Unsloth wants one that does not end a text, too.
        own = [word for word in ("<|vision_pad|>", "<|fim_pad|>", "<|endoftext|>") if word in tokenizer.get_vocab()]
        tokenizer.pad_token = next((word for word in own if word != tokenizer.eos_token), tokenizer.eos_token)
    return tokenizer


if __name__ == "__main__":
    main()
