"""Time stamps that stand in a file beside its values: are the rows in the order of time?"""
import re

import numpy as np

from look_time import is_time_name, parse_times
from table_open import bad

_CLOCK = re.compile(r"\d{1,2}:\d{2}")  # without a date it begins anew every day
_TOLERATED = 0.01  # of all steps: recordings one after the other in a file begin anew now and then


def steps_back(values):
    """Rows that are earlier than the row before them, as an array; None where the values are no times."""
    if isinstance(values, list):
        texts = [v for v in values if isinstance(v, str)]
        if len(texts) != len(values) or not texts or _CLOCK.match(texts[0].strip()):
            return None
        parsed = parse_times(texts)
        values = parsed[0] if parsed else None
    if values is None or getattr(values, "ndim", 0) != 1 or values.dtype.kind not in "iuf":
        return None
    return np.flatnonzero(np.diff(values.astype(float)) < 0) + 1


def check_order(content, notes):
    """Refuses rows whose time stamps are out of order; a note where they go back a few times alone."""
    found = {name: steps_back(content.fields[name]) for name in content.names()
             if is_time_name(name) and "day" not in name.lower()}
    found = {name: back for name, back in found.items() if back is not None}
    if not found or any(len(back) == 0 for back in found.values()):
        return
    name, back = min(found.items(), key=lambda one: len(one[1]))
    rows = len(content.fields[name])
    if len(back) > max(1, _TOLERATED * rows):
        raise bad(f"{content.name}: time stamps of {name!r}", f"{len(back)} rows earlier than the row before, the first is "
                  f"row {back[0] + 1}", 'rows in the order of time, for windows and for split.by = "time"')
    notes.append(f"{content.name}: the time stamps of {name!r} go back {len(back)} times, first at row {back[0] + 1}: "
                 "the rows are taken in the order of the file")
