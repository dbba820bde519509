"""Which functions of its own package a function names: those that it calls, and those that it hands on. Nothing is run."""
import inspect
import sys

SHOWN = ("__init__", "__new__", "__call__", "fit", "transform", "predict")  # of a class: what nobody uses it without


def plain(function):
    """The Python function itself, without wrappers; None where it is none."""
    try:
        function = inspect.unwrap(getattr(function, "__func__", function))
        return function if inspect.isfunction(function) else None
    except Exception:  # an object may answer any question with any exception
        return None


def package_of(obj):
    try:
        module = getattr(obj, "__module__", None)
    except Exception:
        return ""
    return module.partition(".")[0] if isinstance(module, str) else ""


def _value(holder, names):
    """What a dotted name stands for below `holder`, or None."""
    try:
        for name in names:
            holder = getattr(holder, name, None)
        return holder
    except Exception:
        return None


def methods_of(cls, home):
    """(name, function) of a class and those it inherits of the same package; properties are functions too."""
    try:
        classes = [base for base in type.mro(cls) if package_of(base) == home]
        members = [(name, value) for base in classes for name, value in list(vars(base).items())]
    except Exception:
        return []
    found = [(name, plain(value.fget if isinstance(value, property) else value)) for name, value in members]
    return [(name, function) for name, function in found if function is not None and package_of(function) == home]


def _after(owner, function, name):
    """What super().name means in a method that `owner` has or inherits."""
    home = function.__qualname__.rpartition(".")[0]
    mro = type.mro(owner)
    at = next((i for i, cls in enumerate(mro) if cls.__qualname__ == home), 0)
    return next((vars(cls)[name] for cls in mro[at + 1:] if name in vars(cls)), None)


def _imported(function, level, module, name):
    """What "from module import name" inside a function brings, where that module is loaded."""
    if level:
        here = sys.modules.get(function.__module__)
        parts = function.__module__.split(".")
        up = level - (1 if hasattr(here, "__path__") else 0)
        module = ".".join(parts[:len(parts) - up] + ([module] if module else []))
    return _value(sys.modules.get(module), [name])


def _named(function, owner, name, imports):
    first, *rest = name.split(".")
    if first in ("self", "cls"):
        cls = owner or function.__globals__.get(function.__qualname__.partition(".")[0])
        return _value(cls, rest) if rest and isinstance(cls, type) else None
    if first == "super()":
        return _after(owner, function, rest[0]) if owner and rest else None
    if first in imports:
        return _value(_imported(function, *imports[first]), rest)
    return _value(function.__globals__.get(first), rest)


def functions_below(function, owner, said):
    """[(function, the class it is a method of or None)] that a function names by `said.names` and `said.imports`. Of a class
    that it makes: what makes it, and methods of it whose names are called in the same function."""
    home, found, classes, unknown = package_of(function), [], [], set()
    for name in sorted(said.names):
        try:
            value = _named(function, owner, name, said.imports)
            made = inspect.isclass(value)
        except Exception:
            continue
        if value is None:
            unknown |= {name.rpartition(".")[2]} if "." in name else set()
        elif made:
            classes += [value] if package_of(value) == home else []
        else:
            inherits = name.startswith(("self.", "cls.", "super()."))
            found.append((plain(value), owner if inherits else None))
    for cls in classes:
        wanted = {"__init__", "__new__", "__call__"} | unknown
        found += [(plain(_value(cls, [name])), cls) for name in sorted(wanted)]
    return [(value, cls) for value, cls in found if value is not None and package_of(value) == home]
