"""Counts for each documented object how many others of its package name it: in "See Also", in back ticks, in calls of their
examples. What others point to is what people mean more often."""
import collections
import re

_QUOTED = re.compile(r"`~?([A-Za-z_][\w.]*)`")
_CALL = re.compile(r"\b((?:[A-Za-z_]\w*\.)*[A-Za-z_]\w+)\(")
_FROM = re.compile(r"from ([\w.]+) import ([\w, ]+)")
_AS = re.compile(r"import ([\w.]+) as (\w+)")
_SHORT = {"np": "numpy", "pd": "pandas", "plt": "matplotlib.pyplot", "sp": "scipy", "signal": "scipy.signal",
          "stats": "scipy.stats", "ndimage": "scipy.ndimage", "optimize": "scipy.optimize", "linalg": "scipy.linalg"}


class Names:
    """Which object a name means that stands in another one's documentation."""

    def __init__(self, objects):
        self.at = {}
        for i, thing in enumerate(objects):
            for name in thing["aliases"]:
                self.at.setdefault(name, i)
        for i, thing in enumerate(objects):
            self.at[thing["name"]] = i
        self.by_last = collections.defaultdict(set)
        for name, i in self.at.items():
            self.by_last[name.rpartition(".")[2]].add((name, i))

    def find(self, name, reader):
        """The index, or None: whole names first, then beside the reader, then the only one that ends so."""
        if name in self.at:
            return self.at[name]
        parts = reader.split(".")
        for k in range(len(parts) - 1, 0, -1):
            found = self.at.get(".".join(parts[:k] + [name]))
            if found is not None:
                return found
        found = {i for full, i in self.by_last.get(name.rpartition(".")[2], ()) if full.endswith("." + name)}
        return found.pop() if len(found) == 1 else None


def _calls(examples):
    """Whole names of what is called, by the imports that are shown or usual."""
    short = dict(_SHORT)
    for match in _FROM.finditer(examples):
        for name in match[2].split(","):
            name = name.strip().split(" as ")[0].strip()
            if name:
                short[name] = f"{match[1]}.{name}"
    short.update({match[2]: match[1] for match in _AS.finditer(examples)})
    for match in _CALL.finditer(examples):
        first, dot, rest = match[1].partition(".")
        yield short.get(first, first) + dot + rest


def count_mentions(objects):
    """{index: number of other objects that name it}; `objects` as knowledge_package.py writes them."""
    names, by = Names(objects), collections.defaultdict(set)
    for i, thing in enumerate(objects):
        found = [names.find(name, thing["name"]) for name in thing["see_also"]]
        found += [names.find(m[1], thing["name"]) for m in _QUOTED.finditer(thing["text"])
                  if "." in m[1] or "_" in m[1] or m[1] in names.by_last]
        found += [names.at.get(name) for name in _calls(thing["examples"])]
        for j in found:
            if j is not None and j != i and objects[j]["kind"] != "module":
                by[j].add(i)
    return {j: len(others) for j, others in by.items()}
