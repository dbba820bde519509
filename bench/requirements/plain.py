"""The two baselines beside gpiot: the same model asked once in plain words for the whole program, and a plain agent loop
that feeds the error or the measurement back until the tokens are used up that `gpiot synthesize` took."""
import json
import os
import subprocess
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ASK = os.path.join(ROOT, "build", "release", "apps", "gpiot-ask")
MOST_ROUNDS = 40
PROBLEM_CHARACTERS = 300  # the end of each, where an error has its name, for whoever asks why the loop does not get on
USED = ("prompt_tokens", "completion_tokens")
CHARACTERS_PER_TOKEN = 3.5  # of code and English with this tokeniser, to count what a round takes
EVENT_FORMATS = {"wfdb": "the WFDB record DIR/test/<id> (wfdb.rdrecord), channel {channel}",
                 "csv": "DIR/test/<id>.csv with a header line; the signal is the column {channel}",
                 "npy": "DIR/test/<id>.npy, the signal as an array"}


def front_matter(text):
    try:
        import tomllib
    except ImportError:
        import tomli as tomllib
    return tomllib.loads(text.split("+++", 2)[1]), text.split("+++", 2)[2].strip()


def prompt_for(requirement):
    """What a practitioner would tell the model: the requirement, where the data lies, and what is to be written."""
    facts, statement = front_matter(requirement)
    data, result = facts["data"], facts["result"]
    variable = result["variable"]
    wanted = {"events": "a list of increasing sample indices", "class": "the label as text", "value": "a number"}[result["kind"]]
    plain = data["format"] in EVENT_FORMATS and data.get("items", "file") == "file" and result["kind"] == "events"
    lines = [statement, "", "Write one complete Python program. It is called as `python main.py --data DIR --out FILE`.",
             'DIR/records.json holds {"records": [ids], "rate_hz": number}.']
    if plain:
        lines.append("Each record is " + EVENT_FORMATS[data["format"]].format(channel=data.get("channel", "")) + ".")
    else:
        for one in data["inputs"]:
            if one.get("unit") != "Hz" or "key" in one or "columns" in one:
                lines.append(f"DIR/test/{one['name']}.npy holds `{one['name']}` ({one['type']}, {one.get('shape', '')}, "
                             f"{one.get('unit', '')}: {one.get('description', '')}) of each record along its first axis; where "
                             f"DIR/test/{one['name']}.lengths.npy exists, the records lie one after the other.")
    if result.get("learned"):
        lines.append('DIR/train holds the same arrays for the records to learn from ("train" in records.json), and '
                     "DIR/train/labels.json the list of their labels.")
    lines.append(f'Write one JSON line per record of "records" to FILE: {{"record": id, "{variable["name"]}": X}}, X is {wanted}'
                 f" ({variable.get('description', '')}). You may use {', '.join(facts.get('packages', ['numpy', 'scipy']))}.")
    return "\n".join(lines)


def asker(gpiot):
    """The program that asks one question: the one beside `gpiot`, or that of the release build."""
    beside = os.path.join(os.path.dirname(gpiot), "gpiot-ask")
    return beside if os.path.exists(beside) else ASK


def body_of(prompt, seed):
    """The request to an endpoint; the same sampling as gpiot-ask's."""
    return {"messages": [{"role": "user", "content": prompt}], "temperature": 0.8, "top_p": 0.95, "max_tokens": 1500,
            "seed": seed}


def code_of(answer):
    return answer.split("```python", 1)[-1].split("```", 1)[0] if "```" in answer else answer


def ask(asked, prompt, seed):
    """(program, tokens of prompt and answer)"""
    if asked.endpoint:
        request = urllib.request.Request(asked.endpoint.rstrip("/") + "/chat/completions", method="POST",
                                         data=json.dumps({"model": asked.model, **body_of(prompt, seed)}).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as reply:
            answer = json.load(reply)
        return code_of(answer["choices"][0]["message"]["content"]), sum(answer["usage"][name] for name in USED)
    command = [asker(asked.gpiot), "--seed", str(seed)] + (["--model", asked.model] if asked.model else [])
    answer = subprocess.run(command, input=prompt, text=True, capture_output=True, check=True).stdout
    return code_of(answer), (len(prompt) + len(answer)) / CHARACTERS_PER_TOKEN


def put(folder, code):
    os.makedirs(os.path.join(folder, "app"), exist_ok=True)
    with open(os.path.join(folder, "app", "main.py"), "w", encoding="utf-8") as file:
        file.write(code)


def last_report(folder):
    runs = os.path.join(folder, "runs")
    name = sorted(os.listdir(runs))[-1]
    with open(os.path.join(runs, name, "report.json"), encoding="utf-8") as file:
        return json.load(file)


def run_once(gpiot, folder, final):
    return subprocess.run([gpiot, "run", folder] + (["--final"] if final else []), capture_output=True, text=True,
                          errors="replace")


def ask_once(asked, folder, requirement):
    put(folder, ask(asked, prompt_for(requirement), asked.seed)[0])
    return run_once(asked.gpiot, folder, final=True)


def next_prompt(task, code, problem):
    return (f"{task}\n\nThis is your program:\n```python\n{code}```\n\nIt is not good enough:\n{problem[-1500:]}\n\n"
            "Write the whole program again.")


def loop(asked, folder, requirement, tokens):
    """The best program, as far as the development measurement says which, is what is measured at the end."""
    task, used, best, turns = prompt_for(requirement), 0.0, (-1.0, ""), []
    prompt = task
    for turn in range(MOST_ROUNDS):
        code, cost = ask(asked, prompt, asked.seed + turn)
        used += cost
        put(folder, code)
        run_once(asked.gpiot, folder, final=False)
        report = last_report(folder)
        kept = bool((report.get("measured") or {}).get("contract", {}).get("kept"))
        if (worth := 2.0 if report["accepted"] else float(kept)) >= best[0]:
            best = (worth, code)
        turns.append({"tokens": round(used), "contract_kept": kept, "accepted": report["accepted"],
                      "problem": report["problem"][-PROBLEM_CHARACTERS:]})
        with open(os.path.join(folder, "turns.json"), "w", encoding="utf-8") as file:
            json.dump(turns, file, indent=1)
        if report["accepted"] or used >= tokens:
            break
        prompt = next_prompt(task, code, report["problem"])
    put(folder, best[1])
    return run_once(asked.gpiot, folder, final=True)
