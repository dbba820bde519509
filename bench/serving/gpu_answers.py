#!/usr/bin/env python3
"""Answers many chat requests at once with a Qwen2 GGUF on one GPU, by gpiot's own sampler and grammars.

    bench/serving/gpu_answers.py MODEL.gguf REQUESTS ANSWERS --sampler build/release/bench/serving/gpiot-bench-sampler

REQUESTS: JSON lines {key, messages, max_tokens, temperature, top_p, seed, grammar}, as relay.py gives them; ANSWERS: JSON lines
{key, text, finish, prompt_tokens, completion_tokens}, as it takes them. What ANSWERS has already is not asked again. With a
Python that has torch, numpy and gguf; progress on stderr. Answers to one prompt share its computation; which other answers
stand beside one can change it by rounding."""
import argparse
import collections
import json
import os
import struct
import subprocess
import sys
import time

import numpy
import torch

import gpu_model

END, WHOLE_ROW = -1, -2
PROMPTS_KEPT = 16  # computed prompts that wait for another answer


class Sampler:
    """gpiot-bench-sampler, asked over its pipes."""

    def __init__(self, program, model, slots):
        self.process = subprocess.Popen([program, model, str(slots), str(len(os.sched_getaffinity(0)))], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _ask(self, *parts):
        for part in parts:
            self.process.stdin.write(part)
        self.process.stdin.flush()

    def _numbers(self, count):
        data = self.process.stdout.read(4 * count)
        if len(data) != 4 * count:
            raise SystemExit("the sampler ended: its words are above")
        return numpy.frombuffer(data, dtype=numpy.int32)

    def begin(self, slot, request):
        body = json.dumps(request).encode()
        self._ask(b"R", struct.pack("<ii", slot, len(body)), body)
        return self._numbers(self._numbers(1)[0]).tolist()

    def pick(self, slots, tokens, logits, vocabulary):
        """The next token of each of `slots`, of the likeliest `tokens` and their `logits` [slots, k]."""
        self._ask(b"P", struct.pack("<iii", len(slots), tokens.shape[1], vocabulary), numpy.asarray(slots, dtype=numpy.int32).tobytes(),
                  tokens.astype(numpy.int32).tobytes(), logits.astype(numpy.float32).tobytes())
        return self._numbers(len(slots))

    def text(self, tokens):
        self._ask(b"T", struct.pack("<i", len(tokens)), numpy.asarray(tokens, dtype=numpy.int32).tobytes())
        return self.process.stdout.read(self._numbers(1)[0]).decode(errors="ignore")


class Answers:
    """Answers what stands in `waiting`; `give(request, answer)` gets each, as a dict with "error" where it cannot be answered."""

    def __init__(self, model, sampler, give):
        self.model, self.sampler, self.give = model, sampler, give
        self.waiting, self.free, self.live = collections.deque(), list(range(model.slots)), {}
        self.prompts = collections.OrderedDict()
        self.token, self.position = numpy.zeros(model.slots, dtype=numpy.int64), numpy.zeros(model.slots, dtype=numpy.int64)
        self.made = self.done = 0

    def end(self, slot, finish):
        request, prompt, tokens = self.live.pop(slot)
        self.free.append(slot)
        self.token[slot] = self.position[slot] = 0
        start = request["messages"][-1]["content"] if request.get("continue_final_message") else ""
        self.done += 1
        self.give(request, {"text": start + self.sampler.text(tokens), "finish": finish, "prompt_tokens": prompt,
                            "completion_tokens": len(tokens)})

    def accept(self, slots, tokens, logits, row):
        """`row(i)`: all logits of the i-th of `slots`."""
        vocabulary = self.model.head.shape[0]
        for i, (slot, token) in enumerate(zip(slots, self.sampler.pick(slots, tokens, logits, vocabulary), strict=True)):
            if token == WHOLE_ROW:
                token = self.sampler.pick([slot], numpy.arange(vocabulary)[None], row(i).cpu().numpy()[None], vocabulary)[0]
            request, prompt, made = self.live[slot]
            if token == END:
                self.end(slot, "stop")
                continue
            made.append(int(token))
            self.made += 1
            self.token[slot], self.position[slot] = token, prompt + len(made) - 1
            if len(made) == request["max_tokens"]:
                self.end(slot, "length")

    def prompt_of(self, tokens):
        """Keys, values and last logits of a prompt, computed once for all of its answers."""
        name = tuple(tokens)
        if name not in self.prompts:
            self.prompts[name] = self.model.prompt(tokens)
            while len(self.prompts) > PROMPTS_KEPT:
                self.prompts.popitem(last=False)
        self.prompts.move_to_end(name)
        return self.prompts[name]

    def fill(self):
        slots, rows = [], []
        while self.waiting and self.free:
            request, slot = self.waiting.popleft(), self.free.pop()
            tokens = self.sampler.begin(slot, request)
            if len(tokens) + request["max_tokens"] > self.model.context:
                self.free.append(slot)
                self.give(request, {"error": f"a prompt of {len(tokens)} tokens and {request['max_tokens']} for the answer: --context "
                                             f"is {self.model.context}"})
                continue
            keys, values, logits = self.prompt_of(tokens)
            self.model.keys[:, slot, :, :len(tokens)], self.model.values[:, slot, :, :len(tokens)] = keys, values
            self.live[slot] = (request, len(tokens), [])
            slots.append(slot), rows.append(logits[0])
        if slots:
            top = torch.topk(torch.stack(rows), gpu_model.TOP)
            self.accept(slots, top.indices.cpu().numpy(), top.values.cpu().numpy(), lambda i: rows[i])

    def turn(self):
        """A token more for each answer; False where there is nothing to do."""
        self.fill()
        if not self.live:
            return False
        self.model.token.copy_(torch.from_numpy(self.token))
        self.model.position.copy_(torch.from_numpy(self.position))
        values, indices, logits = self.model.step()
        slots, tokens, likeliest = list(self.live), indices.cpu().numpy(), values.cpu().numpy()
        self.accept(slots, tokens[slots], likeliest[slots], lambda i: logits[slots[i]])
        return True


def answer_all(answers, requests):
    # Requests with one prompt stand side by side.
    answers.waiting.extend(sorted(requests, key=lambda r: json.dumps(r["messages"])))
    start, said = time.monotonic(), 0.0
    while answers.waiting or answers.live:
        answers.turn()
        passed = time.monotonic() - start
        if passed - said > 5:
            said = passed
            left = f", about {passed / answers.done * (len(requests) - answers.done):.0f} s left" if answers.done else ""
            print(f"{answers.done} of {len(requests)} answers, {answers.made / passed:.0f} tokens/s{left}", file=sys.stderr)


def lines_of(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.endswith("\n")]


def add_options(parser):
    parser.add_argument("--sampler", required=True)
    parser.add_argument("--slots", type=int, default=256)
    parser.add_argument("--context", type=int, default=3072)


def load(arguments):
    """The model and the sampler beside it."""
    facts, weights = gpu_model.read(arguments.model)
    cuda = torch.cuda.is_available()
    model = gpu_model.GpuModel(facts, weights, "cuda" if cuda else "cpu", arguments.slots, arguments.context,
                               torch.bfloat16 if cuda else torch.float32)
    return model, Sampler(arguments.sampler, arguments.model, arguments.slots)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "requests", "answers"):
        parser.add_argument(name)
    add_options(parser)
    arguments = parser.parse_args()
    done = {line["key"] for line in lines_of(arguments.answers)} if os.path.exists(arguments.answers) else set()
    requests = [r for r in lines_of(arguments.requests) if r["key"] not in done]
    with open(arguments.answers, "a", encoding="utf-8") as sink:
        def keep(request, answer):
            if "error" in answer:
                raise SystemExit(answer["error"])
            sink.write(json.dumps({"key": request["key"], **answer}) + "\n")
            sink.flush()

        answer_all(Answers(*load(arguments), keep), requests)


if __name__ == "__main__":
    main()
