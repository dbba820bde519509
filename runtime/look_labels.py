"""Candidates for labels and subjects: guesses by names and values, each with its reason, the likeliest first."""
import collections
import json
import os
import re

_LABEL = re.compile(r"(y|labels?|class(es)?|target|activity|gesture|action|outcome"
                    r"|(is_)?anomaly|change_?points?|ground_?truth|annotation)$", re.I)
_SUBJECT = re.compile(r"(subjects?|subj|persons?|speaker|user|uid|participant|patient|volunteer|animal|rat|mouse)"
                      r"(_?(id|no|nr|number))?$", re.I)
_SUBJECT_PREFIX = re.compile(r"(s|sub|subj|subject|p|user|person|speaker|patient|id)$", re.I)
_LABEL_PREFIX = re.compile(r"(a|act|activity|action|c|cls|class|label|g|gesture|digit|word)$", re.I)
_COUNTER = re.compile(r"(trial|take|index|frame|id|no|nr|point_id|bin|cycle|channel|count|rep(etition)?|session"
                      r"|row|time|t)s?$|.*(_id|_bin|_no|_nr)$", re.I)
_PARTS = re.compile(r"(train|test|val|valid|validation|eval|dev|raw|data|records?|recordings?)\d*$", re.I)


def label(place, name, values, why, sure=False, rank=5, **more):
    shown = sorted(values, key=lambda v: (isinstance(v, str), v))[:50] if values else None
    return {"place": place, "name": name, "values": shown, "sure": sure, "why": why, "rank": rank, **more}


def by_folder(files):
    folders = [os.path.basename(os.path.dirname(f)) for f in files]
    counts = collections.Counter(f for f in folders if f and not _PARTS.match(f))
    if 2 <= len(counts) <= 100 and sum(counts.values()) == len(files) and len(files) >= 2 * len(counts):
        return [label("folder", None, set(counts), f"the files lie in {len(counts)} folders of at least "
                      f"{min(counts.values())} files each", rank=3)]
    return []


def tokens_of(stem):
    """["a", "1", "_", "s", "1"] of "a1_s1": letters, digits and what stands between."""
    return re.findall(r"[^\W\d_]+|\d+|[\W_]", stem)


def by_name(files):
    """(labels, subjects) of the parts of the file names that vary."""
    stems = [os.path.splitext(os.path.basename(f))[0] for f in files]
    rows = [s.split("_") for s in stems]
    if len(files) < 2 or len({len(r) for r in rows}) != 1:
        return _whole_names(stems), []
    columns = [[r[i] for r in rows] for i in range(len(rows[0]))]
    pattern, fields = [], []
    for column in columns:
        prefix = re.match(r"[^\W\d]*", os.path.commonprefix(column)).group()
        if not all(c[len(prefix):].isdigit() for c in column):
            prefix = ""
        rest = [c[len(prefix):] for c in column]
        if len(set(column)) == 1:
            pattern.append(column[0])
            continue
        field = f"field{len(fields) + 1}"
        pattern.append(prefix + "{" + field + "}")
        fields.append((field, prefix, rest))
    return _fields("_".join(pattern), fields, len(files))


def _fields(pattern, fields, n):
    subjects, labels = [], []
    for field, prefix, values in fields:
        counts = collections.Counter(values)
        again = 2 <= len(counts) <= n // 2
        text = pattern.replace("{" + field + "}", "{%s}")
        why = f"part {field} of {pattern}: {len(counts)} values in {n} files"
        if _SUBJECT_PREFIX.match(prefix) and all(v.isdigit() for v in values):
            subjects.append(label("name", text % "subject", set(values), why + f", after {prefix!r}", rank=2))
        elif again and all(v.isalpha() for v in values) and len(fields) > 1 and fields[0][0] != field:
            subjects.append(label("name", text % "subject", set(values), why + ", words", rank=3))
        elif (again or _LABEL_PREFIX.match(prefix)) and fields[0][0] == field and len(counts) <= 100 \
                and not _COUNTER.match(prefix or "-"):
            labels.append(label("name", text % "label", set(values), why + ", the first part that varies",
                                rank=4 if again else 6))
    return labels, subjects


def _whole_names(stems):
    """Names like IR_7, B_14, Normal: every file a class of its own."""
    words = [s for s in stems if re.fullmatch(r"[A-Za-z]+([_-]\d{1,3})?", s)]
    kinds = {re.match(r"[A-Za-z]*", s).group() for s in stems}
    if 2 <= len(stems) <= 50 and len(words) == len(stems) and len(kinds) > 1:
        why = "each file has a short name of its own: one class per file"
        return [label("name", "{label}", set(stems), why, rank=6)]
    return []


def by_fields(fields, place, rows):
    """(labels, subjects) among the arrays or columns that have one value per row."""
    labels, subjects = [], []
    flat = [v for v in fields if v.shape() is not None and len(v.shape()) == 1 and v.shape()[0] != 1]
    if place == "key" and len(flat) > 1:
        flat = [v for v in flat if v.shape()[0] == rows]
    categorical = [v for v in flat if v.is_categorical() and not _COUNTER.match(v.name) and not _SUBJECT.match(v.name)]
    for v in flat:
        if _SUBJECT.match(v.name) and v.distinct:
            subjects.append(label(place, v.name, v.distinct, f"the name of the {place}", rank=1))
        elif _LABEL.match(v.name) and v.distinct and (v.name != "y" or v.is_categorical()):
            n = len(v.distinct)
            why = f"the name of the {place}" + (f", and {n} values" if n > 1 else "; but it has one value")
            labels.append(label(place, v.name, v.distinct, why, rank=1 if n > 1 else 4, named=True))
        elif v in categorical and v is flat[-1]:
            why = f"the last {place}, with {len(v.distinct)} values that come again"
            labels.append(label(place, v.name, v.distinct, why, rank=2 if place == "column" else 5))
        elif categorical == [v]:
            labels.append(label(place, v.name, v.distinct, f"the only {place} with few values that come again", rank=5))
    return labels, subjects


def by_json(root, others, files, notes):
    """JSON files whose keys are the names of the data files, or that list names of classes."""
    labels, lists = [], []
    for other in others:
        path = os.path.join(root, other["file"])
        if other["what"] != "JSON" or os.path.getsize(path) > 8 << 20:
            continue
        try:
            with open(path, encoding="utf-8-sig") as file:
                content = json.load(file)
        except (ValueError, RecursionError, OSError):
            notes.append(f"{other['file']}: no JSON")
            continue
        if isinstance(content, dict):
            hits = sum(any(f.endswith(k) or os.path.splitext(f)[0].endswith(k) for k in content) for f in files)
            if hits >= 0.8 * len(files):
                named = "label" in other["file"].lower()
                why = f"it has an entry for {hits} of {len(files)} files by name"
                labels.append(label("json", other["file"], None, why, rank=0 if named else 1))
        elif isinstance(content, list) and content and all(isinstance(c, str) for c in content):
            lists.append((other["file"], content))
    return labels, lists
