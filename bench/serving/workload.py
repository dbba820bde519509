"""The requests of a trace in the words of llama-server's /completion, with the prompts as tokens: the very ones that
gpiot evaluates, so that neither templates nor tokenizers can differ."""
import json

SHARED = {"stream": False, "cache_prompt": True, "min_p": 0.0, "repeat_penalty": 1.0, "presence_penalty": 0.0,
          "frequency_penalty": 0.0, "typical_p": 1.0, "dry_multiplier": 0.0, "xtc_probability": 0.0,
          "samplers": ["top_k", "top_p", "temperature"],
          "response_fields": ["tokens_predicted", "tokens_evaluated", "truncated", "timings"]}


def load(trace_file, prompts_file):
    """[[request, ...], ...]: the requests of each call, with their "prompt" (tokens) and "recorded" (tokens)."""
    with open(trace_file, encoding="utf-8") as file:
        traced = [json.loads(line) for line in file if line.strip()]
    with open(prompts_file, encoding="utf-8") as file:
        prompts = [json.loads(line)["prompts"] for line in file]
    if len(traced) != len(prompts):
        raise SystemExit("the prompts are not those of the trace")
    calls = [[{**request, "prompt": prompt, "recorded": max(1, answer["tokens"])}
              for request, prompt, answer in zip(call["requests"], tokens, call["answers"], strict=True)]
             for call, tokens in zip(traced, prompts)]
    for request, same in ((request, [r for r in call if r["prompt"] == request["prompt"]])
                          for call in calls for request in call):
        request["mean"] = sum(r["recorded"] for r in same) // len(same)
    return calls


def length(request, mode, share=1.0):
    """Tokens that the answer gets, or may have (natural). `share` < 1 shortens the answers, for trials."""
    wanted = request[{"fixed": "recorded", "even": "mean", "natural": "max_tokens"}[mode]]
    return wanted if share == 1.0 else max(1, round(wanted * share))


def body_of(request, tokens, mode, answers=1):
    body = {**SHARED, "prompt": request["prompt"], "n_predict": tokens, "seed": request["seed"],
            "temperature": request["temperature"], "top_k": request["top_k"], "top_p": request["top_p"]}
    if answers > 1:
        body["n_cmpl"] = answers
    if mode != "natural":
        return {**body, "ignore_eos": True}
    if request["grammar"]:
        body["grammar"] = request["grammar"]
    if request["stop"]:
        body["stop"] = request["stop"]
    return body


def group_key(request, mode):
    """Requests of one key can be one request with n_cmpl. Where the lengths are given the sampling does not change the
    work, so that all samples of a prompt are one group: that is in llama-server's favour."""
    sampling = ["temperature", "top_k", "top_p", "max_tokens", "grammar", "stop"] if mode == "natural" else []
    return json.dumps([request[field] for field in ["prompt", *sampling]])


def grouped(call, mode, slots, share):
    """One request for all samples of a prompt (n_cmpl): llama-server evaluates the prompt once then. All of a group
    must have one n_predict: with mode "fixed" the mean, rounded down. That keeps its batch full to the end and favours
    it; mode "even" gives both sides these lengths."""
    groups = {}
    for request in call:
        groups.setdefault(group_key(request, mode), []).append(request)
    bodies = []
    for members in groups.values():
        for start in range(0, len(members), slots):
            part = members[start:start + slots]
            # The cooler first sample comes first: the temperature of the others stands for all.
            mean = sum(length(request, mode, share) for request in part) // len(part)
            bodies.append(body_of(part[-1], mean, mode, len(part)))
    return bodies


def bodies(call, mode, config, share=1.0):
    """The HTTP bodies of one call; together they ask for as many answers as the call has requests."""
    if config.get("grouped"):
        return grouped(call, mode, config["slots"], share)
    return [body_of(request, length(request, mode, share), mode) for request in call]


def slot_tokens(calls, mode):
    """Context that one answer needs at most, with its prompt."""
    need = max(len(request["prompt"]) + max(request["recorded"], length(request, mode)) for call in calls
               for request in call)
    return (need + 8 + 255) // 256 * 256
