"""Imports the packages named on the command line and ends: its peak memory is what the imports alone cost."""
import importlib
import sys

for name in sys.argv[1:]:
    importlib.import_module(name)
