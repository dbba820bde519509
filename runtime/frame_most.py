"""The form of frames some of whose labels are wrong: found on a part that has none of these, kept where it tells almost all."""
import collections

PARTS = (2, 4, 8, 16, 32)
LEAST_FRAMES = 20  # of a part
SHARE = 0.98  # of all frames that the form must tell
SHARE_OF_EACH = 0.8  # of those with any one verdict: a form that never says the rare one tells nothing


def told_by(form, pairs, tells):
    return [tells(form, data, label) for data, label in pairs]


def tells_most(told, pairs, of_each):
    if sum(told) < SHARE * len(pairs):
        return False
    right, all_of = collections.Counter(), collections.Counter()
    for good, (_, label) in zip(told, pairs):
        right[label] += good
        all_of[label] += 1
    return not of_each or all(right[label] >= SHARE_OF_EACH * count for label, count in all_of.items())


def form_of_most(pairs, fit, tells, of_each):
    """fit([(frame, label)]) -> form or None; tells(form, frame, label) -> bool. None where no form tells most frames."""
    for parts in PARTS:
        if len(pairs) < parts * LEAST_FRAMES:
            break
        for first in range(parts):
            form = fit(pairs[first::parts])
            told = told_by(form, pairs, tells) if form else []
            if form and tells_most(told, pairs, of_each):
                # What fits a part may be stricter than what all frames have in common.
                return fit([pair for good, pair in zip(told, pairs) if good]) or form
    return None
