#!/usr/bin/env python3
"""What programs may import and, of numpy, use: the public names of the packages that generated programs use, as installed.

    ~/.cache/gpiot/python/bin/python3 tools/make_members.py > prompts/members.md

The grammar of generated functions lets them import these names and no others of these packages, and write these names and
no others behind `np.`: small models ask neighbours for them, and for what numpy no longer has. A test compares the file
with the installed packages."""
import importlib
import inspect

MODULES = {
    "numpy": ("", "fft", "lib.stride_tricks", "linalg", "random"),
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
    if name == "numpy":  # constants and types too: all that stands behind `np.`
        return sorted(n for n in dir(module) if not n.startswith("_") and not inspect.ismodule(getattr(module, n)) and n != "test")
    public = getattr(module, "__all__", None) or [
        n for n in dir(module) if not n.startswith("_") and getattr(getattr(module, n), "__module__", "") == name]
    return sorted(n for n in public if is_member(module, n))


def text():
    lines = ["## user"]
    for package, modules in MODULES.items():
        full = {f"{package}.{m}".rstrip(".") for m in modules}
        everywhere = sorted({package} | full | {m.rpartition(".")[0] for m in full} - {""})
        for name in everywhere:
            inside = [n.rpartition(".")[2] for n in everywhere if n.rpartition(".")[0] == name]
            own = members_of(name) if name in full else []
            lines.append(f"{name}: " + " ".join(sorted(inside + own)))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(text(), end="")
