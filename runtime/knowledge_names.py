"""Finds what an installed package offers: its public modules, functions, classes and methods, each once."""
import importlib
import inspect
import pkgutil
import re
import signal
import sys
import time
import types
import warnings

_SKIPPED = re.compile(r"_.*|tests?|test_.*|.*_tests?|testing|conftest|setup|core|internals|compat|externals?|extern|"
                      r"vendor|vendored|distutils|f2py|experimental|estimator_checks|testutils|fixes")
_DEPRECATION = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)


class OutOfTime(BaseException):
    """No Exception: a package that catches all of these goes on importing."""


class Deadline:
    """Ends after so many seconds, or so many of them on a core, whichever comes first."""

    def __init__(self, seconds, cpu_seconds):
        self.seconds, self.cpu_seconds = seconds, cpu_seconds
        self.wall_end = time.monotonic() + seconds
        self.cpu_end = time.process_time() + cpu_seconds
        self.over = False  # an import was stopped

    def left(self):
        return self.wall_end - time.monotonic(), self.cpu_end - time.process_time()

    def passed(self):
        return self.over or min(self.left()) <= 0

    def words(self):
        wall, on_core = self.left()
        return f"more than {self.seconds} s" if wall <= on_core else f"more than {self.cpu_seconds} s on a core"


def _out_of_time(*_):
    raise OutOfTime


def import_within(name, deadline):
    """The module. Raises OutOfTime, or whatever the module does, as an Exception; a deprecated one raises, too."""
    if deadline.passed():
        raise OutOfTime
    timers = ((signal.SIGALRM, signal.ITIMER_REAL), (signal.SIGPROF, signal.ITIMER_PROF))
    for (number, timer), left in zip(timers, deadline.left()):
        signal.signal(number, _out_of_time)
        signal.setitimer(timer, left)
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            module = importlib.import_module(name)
    except (SystemExit, KeyboardInterrupt) as error:
        raise ImportError(f"{type(error).__name__} at import") from None
    finally:
        for number, timer in timers:
            signal.setitimer(timer, 0)
    for warning in told:
        if issubclass(warning.category, _DEPRECATION) and name in str(warning.message):
            raise ImportError("deprecated")
    return module


def public_modules(package, deadline, skipped):
    """Imports and yields the modules without underscore, breadth first. What fails is added to `skipped`."""
    waiting = [package]
    while waiting:
        name = waiting.pop(0)
        try:
            module = import_within(name, deadline)
        except OutOfTime:
            deadline.over = True
            skipped.append({"module": name, "why": "out of time"})
            return
        except Exception as error:
            skipped.append({"module": name, "why": f"{type(error).__name__}: {error}"[:200]})
            continue
        yield module
        try:
            below = sorted(m.name for m in pkgutil.iter_modules(list(getattr(module, "__path__", None) or [])))
        except Exception:
            below = []
        waiting += [f"{name}.{part}" for part in below if not _SKIPPED.fullmatch(part)]


def quiet_getattr(owner, name):
    """(value, deprecated); raises AttributeError where it cannot be had."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            value = getattr(owner, name)
        except Exception as error:
            raise AttributeError(str(error)) from None
    return value, any(issubclass(w.category, _DEPRECATION) for w in told)


def _root(obj):
    module = getattr(obj, "__module__", None)
    return module.split(".")[0] if isinstance(module, str) else None


def documented(obj):
    return bool(isinstance(obj.__doc__, str) and obj.__doc__.strip())


def _own(obj, module, package, listed):
    """Whether a name of `module` is this package's: no import from elsewhere, no number, no module."""
    if isinstance(obj, types.ModuleType):
        return False
    if not callable(obj) and (not listed or _root(type(obj)) != package or hasattr(obj, "dtype") or not documented(obj)):
        return False
    if not listed and not documented(obj):
        return False
    root = _root(obj)
    if listed:
        return root in (package, None) or _root(type(obj)) == package
    if hasattr(module, "__path__"):
        return root == package
    return getattr(obj, "__module__", None) == module.__name__


def names_of(module, package):
    """{name: object}; deprecated ones are left out, and undocumented ones that __all__ does not name."""
    listed = getattr(module, "__all__", None)
    listed = [n for n in listed if isinstance(n, str)] if isinstance(listed, (list, tuple, set)) else None
    found = {}
    for name in sorted(set(dir(module) if listed is None else listed)):
        if name.startswith("_") or name in ("test", "tests"):
            continue
        try:
            obj, deprecated = quiet_getattr(module, name)
            if not deprecated and _own(obj, module, package, listed is not None):
                found[name] = obj
        except Exception:
            continue  # an object whose attributes fail is no use to a program either
    return found


def methods_of(cls, package):
    """{name: (object to call, its key, drop self)} and the names of other attributes. The key is (owner, name): one
    method has the same one in every class that inherits it."""
    methods, attributes = {}, []
    for name in sorted(n for n in dir(cls) if not n.startswith("_")):
        try:
            raw = inspect.getattr_static(cls, name)
            owner = next((c for c in cls.__mro__ if name in vars(c)), cls)
            if _root(owner) != package:
                continue
            if isinstance(raw, property) or inspect.isdatadescriptor(raw):
                attributes.append(name)
                continue
            value, deprecated = quiet_getattr(cls, name)
        except Exception:
            continue
        if deprecated or inspect.isclass(value) or not callable(value):
            if not deprecated and not callable(value):
                attributes.append(name)
            continue
        bound = isinstance(raw, (staticmethod, classmethod, types.ClassMethodDescriptorType))
        methods[name] = (value, (owner, name), not bound)
    return methods, attributes


def path_rank(path, own_name):
    return (path.count("."), path.rsplit(".", 1)[-1] != own_name, len(path), path)


def own_name(obj):
    name = getattr(obj, "__name__", "")
    return name if isinstance(name, str) else ""


def version_of(package):
    from importlib import metadata
    try:
        names = metadata.packages_distributions().get(package) or [package]
        return metadata.version(names[0])
    except Exception:
        version = getattr(sys.modules.get(package), "__version__", "")
        return version if isinstance(version, str) else ""


def import_name(name):
    """The name to import for that of a package or of its distribution ("scikit-learn"); None where none is installed."""
    from importlib import metadata, util
    try:
        if name.isidentifier() and util.find_spec(name):
            return name
    except (ImportError, ValueError):
        return None
    plain = re.sub(r"[-_.]+", "-", name).lower()
    for module, owners in sorted(metadata.packages_distributions().items()):
        if not module.startswith("_") and any(re.sub(r"[-_.]+", "-", o).lower() == plain for o in owners):
            return module
    return None
