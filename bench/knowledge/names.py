"""Names of the queries: what object a public name stands for, and whether a query holds a name."""
import importlib
import inspect
import re
import warnings


def resolve(name):
    """The object behind a fully qualified name. Two names of one object are one answer: wfdb.rdann is wfdb.io.rdann.

    AttributeError or ImportError where there is none."""
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found = importlib.import_module(".".join(parts[:count]))
        except ModuleNotFoundError:
            if count == 1:
                raise
            continue
        for part in parts[count:]:
            found = getattr(found, part)
        return found


def words(text):
    """Words as an index would see them: lower case, parted at underscores, dots and where CamelCase rises."""
    return re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text).lower())


def holds(query, name):
    """True if the words of the bare name stand one after the other in the query."""
    query, bare = words(query), words(name.rpartition(".")[2])
    return any(query[at:at + len(bare)] == bare for at in range(len(query)))


FILLER = set("a an the of in to and or is are for with by on at from as that it its my i how do does which what be not "
             "than into no so if when one each every this".split())


def shared(query, name):
    """Share of the query's words that stand in the bare name or in the first paragraph of its documentation."""
    first = (inspect.getdoc(resolve(name)) or "").strip().partition("\n\n")[0]
    told = set(words(first)) | set(words(name.rpartition(".")[2]))
    asked = set(words(query)) - FILLER
    return len(asked & told) / max(1, len(asked))
