#!/usr/bin/env python3
"""What programs may import: the public functions and classes of the packages that generated programs use, as installed.

    ~/.cache/gpiot/python/bin/python3 tools/make_members.py > prompts/members.md

The grammar of generated functions lets them import these names and no others of these packages: small models ask
neighbours for them. A test compares the file with the installed packages."""
import importlib
import inspect

MODULES = {
    "scipy": ("cluster.hierarchy", "cluster.vq", "fft", "integrate", "interpolate", "linalg", "ndimage", "optimize", "signal",
              "signal.windows", "sparse", "sparse.linalg", "spatial", "spatial.distance", "spatial.transform", "special", "stats"),
    "sklearn": ("base", "cluster", "covariance", "cross_decomposition", "decomposition", "discriminant_analysis", "dummy", "ensemble",
                "feature_selection", "gaussian_process", "gaussian_process.kernels", "impute", "kernel_approximation",
                "kernel_ridge", "linear_model", "manifold", "metrics", "mixture", "model_selection", "multiclass",
                "multioutput", "naive_bayes", "neighbors", "neural_network", "pipeline", "preprocessing", "svm", "tree",
                "utils"),
}


def is_member(module, name):
    try:
        thing = getattr(module, name)
    except (AttributeError, ImportError):  # sklearn's experimental ones
        return False
    warning = inspect.isclass(thing) and issubclass(thing, Warning)
    return callable(thing) and not inspect.ismodule(thing) and not warning and name != "test"


def members_of(name):
    module = importlib.import_module(name)
    public = getattr(module, "__all__", None) or [
        n for n in dir(module) if not n.startswith("_") and getattr(getattr(module, n), "__module__", "") == name]
    return sorted(n for n in public if is_member(module, n))


def text():
    lines = ["## user"]
    for package, modules in MODULES.items():
        everywhere = sorted({package} | {f"{package}.{m}" for m in modules} | {f"{package}.{m}".rpartition(".")[0] for m in modules})
        for name in everywhere:
            inside = [n.rpartition(".")[2] for n in everywhere if n.rpartition(".")[0] == name]
            own = [] if name == package or name[len(package) + 1:] not in modules else members_of(name)
            lines.append(f"{name}: " + " ".join(sorted(inside + own)))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(text(), end="")
