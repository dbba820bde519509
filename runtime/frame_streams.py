"""How the frames of a stream of bytes are recognised, found on streams in which their first bytes are marked."""
import itertools
import time

from checksum_kinds import KINDS, orders_of
from frame_starts import is_frame, length_of, starts_of

FIRST = 4  # bytes that may be alike in all frames
LENGTH_AT = range(9)
MORE = range(0, 17)
FIXED = range(4, 129)
PROBE = 12  # frames on which a guess must hold before it is tried on all
LIMIT_S = 60


def lengths(first_bytes):
    """Ways to tell the length, the simplest first."""
    known = {at for at, _ in first_bytes}
    for at, more in itertools.product((at for at in LENGTH_AT if at not in known), MORE):
        yield {"length_at": at, "length_size": 1, "length_order": "big", "more": more}
    for at, more, order in itertools.product((at for at in LENGTH_AT if at not in known), MORE, ("big", "little")):
        yield {"length_at": at, "length_size": 2, "length_order": order, "more": more}
    for length in FIXED:
        yield {"length_at": None, "length_size": 0, "length_order": "big", "more": length}


def checksums(length):
    """Ways to check a frame; its length byte is mostly within what is summed, so that comes first."""
    last = 2 if length["length_at"] is None else length["length_at"] + 2
    for kind, behind in itertools.product(KINDS, range(3)):
        for first, order in itertools.product(range(last + 1), orders_of(kind)):
            yield [kind[0], first, behind, order, *kind[1:]]


def marked(streams):
    """[(stream, place)] of all marked first bytes that lie within."""
    return [(data, at) for data, starts in streams for at in starts if at < len(data)]


def first_bytes_of(places):
    alike = []
    for k in range(FIRST):
        values = {data[at + k] for data, at in places if at + k < len(data)}
        alike += [[k, values.pop()]] if len(values) == 1 else []
    return alike


def last_bytes_of(places, form, most):
    alike = []
    for k in range(1, most + 1):
        values = {data[at + length_of(data, at, form) - k] for data, at in places if is_frame(data, at, form)}
        alike += [[k, values.pop()]] if len(values) == 1 else []
    return alike


def forms(streams):
    """Forms that all marked frames have, the likeliest first: with a checksum, then without."""
    places = marked(streams)
    first_bytes = first_bytes_of(places)
    probe = places[::max(1, len(places) // PROBE)]
    plain, start = [], time.monotonic()
    for length in lengths(first_bytes):
        if time.monotonic() - start > LIMIT_S:
            break
        form = {"first_bytes": first_bytes, "last_bytes": [], **length, "least": max(4, len(first_bytes) + 1), "checksum": None}
        if not all(is_frame(data, at, form) for data, at in probe):
            continue
        if first_bytes:
            plain.append(form)
        probe.sort(key=lambda place, form=form: length_of(*place, form))  # what is wrong is seen soonest on short ones
        for check in checksums(length):
            whole = {**form, "checksum": check}
            if all(is_frame(data, at, whole) for data, at in itertools.chain(probe, places)):
                yield {**whole, "last_bytes": last_bytes_of(places, form, check[2])}
    for form in plain:
        yield {**form, "last_bytes": last_bytes_of(places, form, 1)}


def stream_of(streams, share):
    """The form of runtime/own/frame_starts.py that finds the marked places and no others, in so many of all cases at least;
    None where there is none. `streams`: [(bytes, places)]."""
    if len(marked(streams)) < 4:
        return None
    for form in itertools.islice(forms(streams), 64):
        for goes_on_behind in (True, False):
            form = {**form, "goes_on_behind": goes_on_behind}
            found = [(set(starts), set(starts_of(data, form))) for data, starts in streams]
            right = sum(len(one & other) for one, other in found)
            if right and 2 * right / sum(len(one) + len(other) for one, other in found) >= share:
                return form
    return None
