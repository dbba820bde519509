"""Where a number stands in a frame, and in what form: found on frames whose number is known, by trying every place and form
until one tells all of them."""
from frame_value import fields_of, number_of, place_of

FIRST = range(9)  # where tagged fields may begin
PLACES = range(64)
SIZES = {"unsigned": (1, 2, 3, 4, 8), "signed": (1, 2, 3, 4, 8), "sign and size": (1, 2, 4), "decimal": (1, 2, 3, 4),
         "float": (4, 8)}
LEAST = 6  # different numbers that the labelled frames must have


def places(frames):
    """Places that all frames have, the simplest first, each with how many bytes it has there at most."""
    least = min(len(frame) for frame in frames)
    found = [(["from start", at], least - at) for at in PLACES[:least]]
    if len({len(frame) for frame in frames}) > 1:
        found += [(["from end", at], at) for at in PLACES[1:least + 1]]
    for first in FIRST:
        for order in ("tag, length", "length, tag"):
            walks = [fields_of(frame, first, order) for frame in frames]
            tags = set.intersection(*({field[0] for field in walk} for walk in walks))
            for tag in sorted(tags):
                size = min(next(size for found, _, size in walk if found == tag) for walk in walks)
                found += [(["tagged", first, order, tag, inner], size - inner) for inner in range(size)]
    return found


def tolerance_of(numbers):
    """Half of the last digit that the labels have."""
    digits = max(len(repr(float(number)).partition(".")[2]) if "e" not in repr(float(number)) else 12 for number in numbers)
    whole = all(float(number).is_integer() for number in numbers)
    return 0.501 * 10.0 ** -(0 if whole else digits) if digits < 9 else 1e-6 * (max(numbers) - min(numbers))


def line_of(raw, numbers):
    """(scale, offset) through the least and the greatest."""
    low, high = min(range(len(raw)), key=raw.__getitem__), max(range(len(raw)), key=raw.__getitem__)
    scale = (numbers[high] - numbers[low]) / (raw[high] - raw[low])
    return scale, numbers[low] - scale * raw[low]


def miss_of(raw, numbers, scale, offset):
    return max(abs(scale * one + offset - number) for one, number in zip(raw, numbers))


def plain(raw, numbers, scale, offset):
    """The same line with the shortest numbers that miss no more."""
    bound = miss_of(raw, numbers, scale, offset) * 1.01 + 1e-12 * max(map(abs, numbers))
    for digits in range(1, 12):
        inverse = round(1 / scale) if 1e-12 < abs(scale) < 1 else 0
        for short in (float(f"{scale:.{digits}g}"), 1 / inverse if inverse else scale):
            for near in (round(offset, digits - 1) + 0.0, offset):
                if miss_of(raw, numbers, short, near) <= bound:
                    return short, near
    return scale, offset


def middle_line_of(raw, numbers):
    """(scale, offset) by least squares: labels that are rounded miss it less than a line through two of them."""
    middle, level = sum(raw) / len(raw), sum(numbers) / len(numbers)
    scale = sum((one - middle) * (number - level) for one, number in zip(raw, numbers)) / sum((one - middle) ** 2 for one in raw)
    return scale, level - scale * middle


def line_for(raw, numbers, tolerance):
    """(miss, scale, offset) of the plainest line that tells all numbers; None where none does."""
    scale, offset = line_of(raw, numbers)
    if not scale or miss_of(raw, numbers, scale, offset) > 3 * tolerance:  # both ends are rounded
        return None
    for line in ((scale, offset), middle_line_of(raw, numbers)):
        scale, offset = plain(raw, numbers, *line)
        if (miss := miss_of(raw, numbers, scale, offset)) <= tolerance:
            return miss, scale, offset
    return None


def field_of(frames, numbers, statement):
    """The form of runtime/own/frame_value.py with which all numbers are told; None where there is none. Of several the
    nearest, then the simplest; signed where the words say so and the frames do not tell."""
    if len(set(numbers)) < LEAST:
        return None
    words, tolerance = statement.lower().replace("unsigned", ""), tolerance_of(numbers)
    kinds = sorted(SIZES, key=lambda kind: kind == "unsigned" and ("signed" in words or "complement" in words))
    found = []
    for place, most in places(frames):
        ats = [place_of(frame, place) for frame in frames]
        for kind in kinds:
            for size in (size for size in SIZES[kind] if size <= most):
                for order in ("big", "little") if size > 1 else ("big",):
                    raw = [number_of(frame[at:at + size], kind, order) for frame, at in zip(frames, ats)]
                    if None in raw or any(one != one or abs(one) == float("inf") for one in raw) or len(set(raw)) < LEAST:
                        continue
                    if line := line_for(raw, numbers, tolerance):
                        miss, scale, offset = line
                        whole = place[0] == "tagged" and place[4] == 0 and size == most
                        form = {"place": place, "size": size, "kind": kind, "order": order, "scale": scale, "offset": offset}
                        found.append((round(miss / tolerance, 2), not whole, offset != 0, len(found), form))
    return min(found)[4] if found else None
