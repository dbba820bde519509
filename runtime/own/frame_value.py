"""A number that stands in a frame: at a place counted from its beginning or its end, or in the field with a certain tag of fields
that each have a tag and a length. Place, form, scale and offset were found on the labelled frames. Written by people and
shipped with gpiot."""
import struct

from frame_bytes import bytes_of


def fields_of(data, first, order):
    """[(tag, where its value begins, how long that is)] from `first` on; `order` is "tag, length" or "length, tag"."""
    fields, at = [], first
    while at + 2 <= len(data):
        tag, size = (data[at], data[at + 1]) if order == "tag, length" else (data[at + 1], data[at] - 1)
        if size < 0 or at + 2 + size > len(data):
            break
        fields.append((tag, at + 2, size))
        at += 2 + size
    return fields


def place_of(data, place):
    """Where the number begins; None where it is not there."""
    if place[0] == "from start":
        return place[1]
    if place[0] == "from end":
        return len(data) - place[1] if place[1] <= len(data) else None
    _, first, order, tag, inner = place
    return next((at + inner for found, at, _ in fields_of(data, first, order) if found == tag), None)


def number_of(part, kind, order):
    if kind == "float":
        return struct.unpack((">" if order == "big" else "<") + ("f" if len(part) == 4 else "d"), bytes(part))[0]
    value = int.from_bytes(bytes(part), order, signed=kind == "signed")
    if kind == "decimal":  # two digits a byte
        return int(format(value, "x")) if format(value, "x").isdigit() else None
    top = 1 << (8 * len(part) - 1)
    return top - value if kind == "sign and size" and value >= top else value


def value_of(data, form):
    """NaN where the frame does not have it."""
    at = place_of(data, form["place"])
    part = data[at:at + form["size"]] if at is not None else []
    number = number_of(part, form["kind"], form["order"]) if len(part) == form["size"] else None
    return float("nan") if number is None else float(number * form["scale"] + form["offset"])


def own(*inputs):
    form = []
    return value_of(bytes_of(next(iter(inputs))), form)
