"""Runs a test of runtime/ with the Python of the sandbox, which has numpy and its friends, where there is one.

Usage: in_environment.py TEST ROOT
"""
import os
import sys

home = os.environ.get("GPIOT_HOME")
cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
kept = os.path.join(home, "cache") if home else os.path.join(cache, "gpiot")
folder = os.environ.get("GPIOT_PYTHON_ENV") or os.path.join(kept, "python")
python = os.path.join(folder, "bin", "python3")
chosen = python if os.path.exists(python) else sys.executable
os.execv(chosen, [chosen, "-B", *sys.argv[1:]])
