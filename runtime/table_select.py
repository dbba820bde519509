"""Ids of the items, the limit on their number, and the files of the chosen ones."""
import collections
import hashlib
import os
import re

import numpy as np

MAX_ID = 120


def base_ids(files):
    """One base per file: its name without the ending, with its folders where two files share it."""
    stems = [os.path.splitext(os.path.basename(f))[0] for f in files]
    counts = collections.Counter(clean(s) for s in stems)
    bases = [clean(s if counts[clean(s)] == 1 else os.path.splitext(f)[0]) for s, f in zip(stems, files)]
    return unique(bases, MAX_ID - 10)  # room for the number of a row


def clean(text):
    """Only [A-Za-z0-9._-], and nothing at the front that a shell or a file system reads its own way."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", text).lstrip(".-") or "item"


def unique(names, limit):
    """Names cut to `limit`; a second "a" becomes "a.2"."""
    used, result = set(), []
    for name in names:
        name = name[:limit]
        number, new = 1, name
        while new in used:
            number += 1
            end = f".{number}"
            new = name[:limit - len(end)] + end
        used.add(new)
        result.append(new)
    return result


def item_ids(base, mode, n, hidden=False):
    """One id per item. `hidden` where the file's name holds its label: the program sees the ids."""
    ids = [base] if mode == "file" else [f"{base}-{i}" for i in range(n)]
    return ["item-" + hashlib.sha256(i.encode()).hexdigest()[:16] for i in ids] if hidden else ids


def limited(ids, labels, limit, seed):
    """Positions of at most `limit` items, in order; every label keeps its share, and at least one item where it can."""
    if not limit or len(ids) <= limit:
        return list(range(len(ids)))
    strata = collections.defaultdict(list)
    for i in range(len(ids)):
        strata[labels[i] if labels else None].append(i)
    if len(strata) > limit or any(isinstance(k, float) for k in strata):
        strata = {None: list(range(len(ids)))}
    shares = _shares({k: len(v) for k, v in strata.items()}, limit)
    chosen = []
    for key, members in strata.items():
        ranked = sorted(members, key=lambda i: hashlib.sha256(f"{seed}:{ids[i]}".encode()).digest())
        chosen += ranked[:shares[key]]
    return sorted(chosen)


def _shares(counts, limit):
    """How many of each stratum: its share rounded down, at least one; then the largest remainders."""
    total = sum(counts.values())
    shares = {k: max(1, n * limit // total) for k, n in counts.items()}
    by_remainder = sorted(counts, key=lambda k: (-(counts[k] * limit % total), str(k)))
    while sum(shares.values()) < limit:
        for k in by_remainder:
            if sum(shares.values()) < limit and shares[k] < counts[k]:
                shares[k] += 1
    while sum(shares.values()) > limit:
        largest = max(shares, key=lambda k: (shares[k], str(k)))
        shares[largest] -= 1
    return shares


def write_part(out, part, name, values, varying):
    """<part>.<name>.npy: stacked, or concatenated with .lengths.npy where the items' first axis varies."""
    values = [np.asarray(v) for v in values]
    if varying:
        lengths = np.array([len(v) for v in values], dtype="int64")
        _save(os.path.join(out, f"{part}.{name}.lengths.npy"), lengths)
        _save(os.path.join(out, f"{part}.{name}.npy"), np.concatenate(values) if values else np.zeros(0))
    else:
        _save(os.path.join(out, f"{part}.{name}.npy"), np.stack(values) if values else np.zeros(0))


def _save(path, array):
    with open(path + ".partial", "wb") as file:
        np.save(file, array, allow_pickle=False)
    os.replace(path + ".partial", path)
