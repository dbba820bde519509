"""The two baselines beside gpiot: the same model asked once in plain words for the whole program, and a plain agent loop
that feeds the error or the measurement back until the tokens are used up that `gpiot synthesize` took."""
import json
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ASK = os.path.join(ROOT, "build", "release", "apps", "gpiot-ask")
MOST_ROUNDS = 12
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


def ask(gpiot, prompt, seed, model):
    command = [asker(gpiot), "--seed", str(seed)] + (["--model", model] if model else [])
    answer = subprocess.run(command, input=prompt, text=True, capture_output=True, check=True).stdout
    return answer.split("```python", 1)[-1].split("```", 1)[0] if "```" in answer else answer


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


def ask_once(gpiot, folder, requirement, seed, model):
    put(folder, ask(gpiot, prompt_for(requirement), seed, model))
    return run_once(gpiot, folder, final=True)


def loop(gpiot, folder, requirement, seed, model, tokens):
    """The last program is what is measured at the end; the best one, where the development measurement says which."""
    task, code, problem, used, best = prompt_for(requirement), "", "", 0.0, (-1.0, "")
    for turn in range(MOST_ROUNDS):
        prompt = task if not code else (f"{task}\n\nThis is your program:\n```python\n{code}```\n\nIt is not good enough:\n"
                                        f"{problem[-1500:]}\n\nWrite the whole program again.")
        code = ask(gpiot, prompt, seed + turn, model)
        used += (len(prompt) + len(code)) / CHARACTERS_PER_TOKEN
        put(folder, code)
        run_once(gpiot, folder, final=False)
        report = last_report(folder)
        problem = report["problem"]
        kept = bool((report.get("measured") or {}).get("contract", {}).get("kept"))
        best = max(best, (2.0 if report["accepted"] else float(kept), code))
        if report["accepted"] or used >= tokens:
            break
    put(folder, best[1])
    return run_once(gpiot, folder, final=True)
