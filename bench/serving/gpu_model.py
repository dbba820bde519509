"""A Qwen2 GGUF on one GPU (or, slowly, on the processor): many answers decoded at once, in a CUDA graph. For benches that want
thousands of answers; gpu_answers.py asks it."""
import multiprocessing
import os

import gguf
import numpy
import torch
import torch.nn.functional as F
from gguf.quants import dequantize

FACTS = ("block_count", "embedding_length", "attention.head_count", "attention.head_count_kv", "rope.freq_base",
         "attention.layer_norm_rms_epsilon")
TOP = 512  # likeliest tokens that a step gives beside the whole row

_reader = None  # of the process: forked workers read their tensors from it


def _dequantised(index):
    tensor = _reader.tensors[index]
    numbers = torch.from_numpy(numpy.array(dequantize(tensor.data, tensor.tensor_type), dtype=numpy.float32))
    return tensor.name, numbers.to(torch.bfloat16).view(torch.int16).numpy()


def read(path):
    """Facts and matrices of the file, in bfloat16, on all cores."""
    global _reader
    _reader = gguf.GGUFReader(path)
    kind = _reader.fields["general.architecture"].contents()
    if kind != "qwen2":
        raise SystemExit(f"{path}: got the family {kind}, expected qwen2")
    facts = {name: _reader.fields[f"{kind}.{name}"].contents() for name in FACTS}
    largest_first = sorted(range(len(_reader.tensors)), key=lambda i: -_reader.tensors[i].n_elements)
    with multiprocessing.get_context("fork").Pool(len(os.sched_getaffinity(0))) as pool:
        return facts, {name: torch.from_numpy(bits).view(torch.bfloat16) for name, bits in pool.imap_unordered(_dequantised, largest_first)}


class GpuModel:
    """`slots` answers at once, each with its prompt at most `context` tokens."""

    def __init__(self, facts, weights, device, slots, context, dtype=torch.bfloat16):
        self.device, self.slots, self.context = torch.device(device), slots, context
        self.blocks, self.heads, self.kv_heads = (facts[n] for n in ("block_count", "attention.head_count", "attention.head_count_kv"))
        self.size, self.epsilon = facts["embedding_length"] // self.heads, facts["attention.layer_norm_rms_epsilon"]

        def get(*names):
            return torch.cat([weights[name] for name in names]).to(self.device, dtype)

        self.embedding = get("token_embd.weight")
        self.head = get("output.weight") if "output.weight" in weights else self.embedding
        self.last_norm = get("output_norm.weight")
        self.layers = []
        for i in range(self.blocks):
            at = f"blk.{i}."
            self.layers.append({
                "norm": get(at + "attn_norm.weight"), "qkv": get(*(f"{at}attn_{x}.weight" for x in "qkv")),
                "bias": get(*(f"{at}attn_{x}.bias" for x in "qkv")), "out": get(at + "attn_output.weight"),
                "ffn_norm": get(at + "ffn_norm.weight"), "gate_up": get(at + "ffn_gate.weight", at + "ffn_up.weight"),
                "down": get(at + "ffn_down.weight")})
        turns = facts["rope.freq_base"] ** (-torch.arange(0, self.size, 2, device=self.device).float() / self.size)
        angles = torch.arange(context, device=self.device).float()[:, None] * turns
        self.cos, self.sin = torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)
        self.keys = torch.zeros(self.blocks, slots, self.kv_heads, context, self.size, dtype=dtype, device=self.device)
        self.values = torch.zeros_like(self.keys)
        self.token = torch.zeros(slots, dtype=torch.long, device=self.device)
        self.position = torch.zeros_like(self.token)
        self.rows = torch.arange(slots, device=self.device)
        self.places = torch.arange(context, device=self.device)[None]
        self.graph = None
        if self.device.type == "cuda":
            self._capture()

    def _norm(self, x, weight):
        return F.rms_norm(x.float(), (x.shape[-1],), weight.float(), self.epsilon).to(x.dtype)

    def _turned(self, x, cos, sin):
        half, y = self.size // 2, x.float()
        return (y * cos + torch.cat([-y[..., half:], y[..., :half]], -1) * sin).to(x.dtype)

    def _qkv(self, x, layer, cos, sin):
        q, k, v = F.linear(self._norm(x, layer["norm"]), layer["qkv"], layer["bias"]).view(len(x), -1, self.size).split(
            [self.heads, self.kv_heads, self.kv_heads], 1)
        return self._turned(q, cos, sin), self._turned(k, cos, sin), v

    def _after(self, x, attended, layer):
        x = x + F.linear(attended.reshape(len(x), -1), layer["out"])
        gate, up = F.linear(self._norm(x, layer["ffn_norm"]), layer["gate_up"]).chunk(2, -1)
        return x + F.linear(F.silu(gate) * up, layer["down"])

    def _logits(self, x):
        return F.linear(self._norm(x, self.last_norm), self.head).float()

    @torch.inference_mode()
    def prompt(self, tokens):
        """Keys and values [blocks, kv_heads, time, size] of a prompt, and the logits after it [1, vocabulary]."""
        n, many = len(tokens), self.heads // self.kv_heads
        x = F.embedding(torch.tensor(tokens, device=self.device), self.embedding)
        cos, sin, keys, values = self.cos[:n, None], self.sin[:n, None], [], []
        for layer in self.layers:
            q, k, v = (y.transpose(0, 1) for y in self._qkv(x, layer, cos, sin))
            keys.append(k), values.append(v)
            attended = F.scaled_dot_product_attention(q[None], k.repeat_interleave(many, 0)[None], v.repeat_interleave(many, 0)[None],
                                                      is_causal=True)[0]
            x = self._after(x, attended.transpose(0, 1), layer)
        return torch.stack(keys), torch.stack(values), self._logits(x[-1:])

    def _step(self):
        x = F.embedding(self.token, self.embedding)
        cos, sin = self.cos[self.position][:, None], self.sin[self.position][:, None]
        hidden = torch.where(self.places <= self.position[:, None], 0.0, float("-inf"))[:, None, None]
        for i, layer in enumerate(self.layers):
            q, k, v = self._qkv(x, layer, cos, sin)
            self.keys[i][self.rows, :, self.position] = k
            self.values[i][self.rows, :, self.position] = v
            grouped = q.view(self.slots, self.kv_heads, -1, self.size)
            scores = (grouped @ self.keys[i].transpose(-1, -2)).float() * self.size ** -0.5 + hidden
            x = self._after(x, scores.softmax(-1).to(x.dtype) @ self.values[i], layer)
        logits = self._logits(x)
        return (*torch.topk(logits, TOP, dim=-1), logits)

    @torch.inference_mode()
    def _capture(self):
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(2):
                self._step()
        torch.cuda.current_stream().wait_stream(stream)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.out = self._step()

    @torch.inference_mode()
    def step(self):
        """One token further in all slots: the TOP largest logits, their tokens, and all logits [slots, vocabulary]."""
        if self.graph is None:
            return self._step()
        self.graph.replay()
        return self.out
