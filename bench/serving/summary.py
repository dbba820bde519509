"""Medians, spreads and ratios of the plays."""
import os
import platform
import statistics

GOALS = {"sequential": 0.5, "parallel": 1.0}
NOTES = {
    "fixed": "Each answer has the number of tokens that was recorded, on both sides; no grammars, no stop texts. "
             "gpiot: a grammar that allows any text but no end, and max_tokens. llama-server: ignore_eos, n_predict; with "
             "'grouped' all samples of a prompt are one request (n_cmpl) and have their mean length, rounded down: its "
             "batch stays full to the end, ours does not.",
    "even": "As fixed, but on both sides all answers to one prompt have their mean length, rounded down.",
    "natural": "Grammars, stop texts, seeds and lengths as in the trace. The engines draw differently, so that the "
               "answers differ in length: compare the seconds per 1000 tokens, too.",
    "both": "The prompts are given to llama-server as tokens. A new process for each play; its start and one short "
            "warm-up are not in wall_s; the clock runs from the first request of a call to its last answer.",
}


def machine():
    name = platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            name = next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        pass
    return f"{name}, {os.cpu_count()} cores, {platform.system()} {platform.release()}"


def of_trace(calls):
    return {"calls": len(calls), "requests": [len(call) for call in calls],
            "prompt_tokens": sum(len(request["prompt"]) for call in calls for request in call),
            "completion_tokens": sum(request["recorded"] for call in calls for request in call),
            "seeds": sorted({request["seed"] for call in calls for request in call})}


def of_arm(plays):
    walls = [play["wall_s"] for play in plays]
    per_1000 = [1000 * play["wall_s"] / play["completion_tokens"] for play in plays]
    return {"wall_s": {"median": round(statistics.median(walls), 3), "min": round(min(walls), 3),
                       "max": round(max(walls), 3), "all": [round(wall, 3) for wall in walls]},
            "wall_s_per_1000_tokens": round(statistics.median(per_1000), 3),
            "completion_tokens": [play["completion_tokens"] for play in plays],
            "prompt_tokens": plays[0]["prompt_tokens"],
            "evaluated_prompt_tokens": [play["evaluated_prompt_tokens"] for play in plays],
            "call_wall_s_median": [round(statistics.median(play["calls"][k]["wall_s"] for play in plays), 3)
                                   for k in range(len(plays[0]["calls"]))],
            "others_cpu_s": [play["others_cpu_s"] for play in plays]}


def of_mode(arms):
    """Ratios: ours / theirs, of the medians and of each repeat; below 1 we are faster."""
    result = {arm: of_arm(plays) for arm, plays in arms.items()}
    result["ours"] |= {key: arms["ours"][0][key] for key in ("backend", "threads", "parallel")}
    ratios = {}
    for arm, goal in GOALS.items():
        wall = result["ours"]["wall_s"]["median"] / result[arm]["wall_s"]["median"]
        per_token = result["ours"]["wall_s_per_1000_tokens"] / result[arm]["wall_s_per_1000_tokens"]
        each = [a["wall_s"] / b["wall_s"] for a, b in zip(arms["ours"], arms[arm])]
        ratios[f"ours / {arm}"] = {"wall": round(wall, 3), "wall_per_token": round(per_token, 3), "goal": goal,
                                   "reached": wall <= goal, "of_each_repeat": [round(ratio, 3) for ratio in each]}
    result["ratios"] = ratios
    return result
