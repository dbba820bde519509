"""The checks that frames pass, found on frames with verdicts: which check comes first, and what it looks at.

A verdict is that of the first check that fails. So all frames with a later verdict pass it, and none with this one does:
what all frames of the later verdicts have in common (an invariant) is what may be checked.
"""
from checksum_kinds import KINDS, orders_of
from frame_verdict import ASTERISK, holds

PLACES = range(8)  # of bytes that may tell what the frame is
FEW = 16  # values of one byte
SEEN = 3  # frames at least that show each of them
MORE = range(-2, 17)  # bytes of a frame beyond those that its length byte counts
CHECKSUMS = ("checksum", "text checksum")
STRICT = ("pair", "length", "length_of", *CHECKSUMS)


def invariants(frames):
    """Checks that all of `frames` pass and that say something, the simplest first."""
    least = min(len(frame) for frame in frames)
    found = [["least", least]]
    places = [*PLACES[:least], *(-k for k in (1, 2) if k <= least)]
    told = {at: counts([frame[at] for frame in frames]) for at in places}
    few = [at for at in places if len(told[at]) <= FEW and min(told[at].values()) >= SEEN]
    found += [["byte", at, sorted(told[at])] for at in few]
    for at in (at for at in PLACES[:least] if len({len(frame) - frame[at] for frame in frames}) == 1):
        more = len(frames[0]) - frames[0][at]
        found += [["length", at, more]] if more in MORE else []
    counted = [check[1] for check in found if check[0] == "length"]
    tell = {}
    for at in (at for at in few if at >= 0):
        for other in (other for other in PLACES[:least] if other != at and len(told[other]) > 1):
            values = function_of(frames, at, lambda frame, other=other: frame[other])
            if values and (other, at) not in tell:  # the other way round says the same, mostly
                tell[at, other] = values
        lengths = function_of(frames, at, len)
        known = at in counted or any((at, other) in tell or (other, at) in tell for other in counted)
        found += [["length_of", at, lengths]] if lengths and not known else []
    return found + [["pair", at, other, values] for (at, other), values in tell.items()] + checksums(frames)


def counts(values):
    return {value: values.count(value) for value in set(values)}


def function_of(frames, at, value):
    """{byte at `at`, as text: value} where the one tells the other; None else."""
    told = {}
    for frame in frames:
        if told.setdefault(str(frame[at]), value(frame)) != value(frame):
            return None
    return dict(sorted(told.items()))


def checksums(frames):
    found = []
    for kind in KINDS if all(ASTERISK in frame for frame in frames) else ():
        checks = (["text checksum", kind[0], first, *kind[1:]] for first in range(3))
        found += [check for check in checks if all(holds(check, frame) for frame in frames)]
    for kind in KINDS:
        for first in range(5):
            for behind in range(3):
                checks = (["checksum", kind[0], first, behind, order, *kind[1:]] for order in orders_of(kind))
                found += [check for check in checks if all(holds(check, frame) for frame in frames)]
    return found


def checks_for(failing, passing):
    """Checks that all of `passing` pass and each of `failing` fails at least one of; None where there are none."""
    some = [check for check in invariants(passing) if any(not holds(check, frame) for frame in failing)]
    chosen, left = [], failing
    while left:
        best = max(some, key=lambda check: sum(not holds(check, frame) for frame in left), default=None)
        if best is None or all(holds(best, frame) for frame in left):
            return None
        chosen.append(best)
        left = [frame for frame in left if holds(best, frame)]
    # What else tells lengths and checksums apart is meant, too: frames to come fail in other ways.
    several = [check for check in some if check[0] in STRICT and sum(not holds(check, frame) for frame in failing) > 1]
    return [check for check in some if check in chosen or (check in several and not is_doubled(check, chosen))]


def is_doubled(check, chosen):
    """Two checksums that fit all frames are one, as a rule."""
    return check[0] in CHECKSUMS and any(one[0] in CHECKSUMS for one in chosen)


def verdicts_of(frames, labels, statement):
    """[[verdict, its checks]], the last without checks; None where the labels cannot be told so. Where two may come first,
    the one that the words name first does."""
    left = sorted(set(labels), key=lambda label: (place_in(statement, label), label))
    form, pairs = [], list(zip(frames, labels))
    while len(left) > 1:
        for label in left:
            failing = [frame for frame, one in pairs if one == label]
            passing = [frame for frame, one in pairs if one != label]
            checks = checks_for(failing, passing)
            if checks:
                form.append([label, checks])
                pairs = [pair for pair in pairs if pair[1] != label]
                left.remove(label)
                break
        else:
            return None
    return [*form, [left[0], []]]


def place_in(statement, label):
    """Where the words that say what is checked name it; quoted, if it is anywhere."""
    at = statement.find(f'"{label}"')
    return at if at >= 0 else statement.find(label) if label in statement else len(statement)
