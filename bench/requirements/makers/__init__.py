"""SEEDED: id -> maker(rng, folder). PREPARED: id -> maker(data_root, folder), from real data."""
from . import biosignals, environment, frames, machines, motion, prepared, wireless

SEEDED = {}
for module in (biosignals, motion, wireless, frames, machines, environment):
    SEEDED |= module.MAKERS
PREPARED = prepared.MAKERS
