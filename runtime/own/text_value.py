"""A number that stands in a line of text: the k-th of the line, the one behind a certain text, or what a certain field between
separators holds. Place, way of writing, scale and offset were found on the labelled lines. Written by people and shipped with
gpiot."""
import re

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
HEXADECIMAL = re.compile(r"[-+]?(?:0[xX])?[0-9a-fA-F]+$")


def pick(parts, k):
    return parts[k] if -len(parts) <= k < len(parts) else None


def part_of(text, place):
    """(the text of the number, what stands in the field behind it); None where it is not there."""
    if place[0] == "number":
        return pick(NUMBER.findall(text), place[1]), ""
    if place[0] == "behind":
        at = text.find(place[1])
        return (text[at + len(place[1]):] if at >= 0 else None), ""
    fields = text.split(place[1])
    k = place[2] if place[2] >= 0 else len(fields) + place[2]
    return pick(fields, k) if k >= 0 else None, pick(fields, k + 1) or ""


def number_in(text, place, way):
    part, behind = part_of(text, place)
    if part is None:
        return None
    if way == "hexadecimal":
        return int(part.strip(), 16) if HEXADECIMAL.match(part.strip()) else None
    found = NUMBER.match(part.strip())
    if not found:
        return None
    number = float(found[0])
    if way == "degrees and minutes":  # 4807.038 is 48 degrees and 7.038 minutes
        degrees = abs(number) // 100 + abs(number) % 100 / 60
        return -degrees if number < 0 or behind.strip().upper() in ("S", "W") else degrees
    return number


def value_of(text, form):
    """NaN where the line does not have it."""
    number = number_in(text, form["place"], form["way"])
    return float("nan") if number is None else float(number * form["scale"] + form["offset"])


def own(*inputs):
    form = []
    return value_of(str(next(iter(inputs))), form)
