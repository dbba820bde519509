"""Where valid frames begin in a stream of bytes: their first bytes, what tells their length and their checksum are right. They
were found on the labelled frames. Written by people and shipped with gpiot."""
import numpy as np

from checksum import checksum


def length_of(data, at, form):
    """Of the frame that begins at `at`, by its bytes; 0 where they are not there."""
    if form["length_at"] is None:
        return form["more"]
    first = at + form["length_at"]
    number = bytes(data[first:first + form["length_size"]])
    return int.from_bytes(number, form["length_order"]) + form["more"] if len(number) == form["length_size"] else 0


def is_frame(data, at, form):
    if any(at + k >= len(data) or data[at + k] != value for k, value in form["first_bytes"]):
        return False
    length = length_of(data, at, form)
    end = at + length
    if length < form["least"] or end > len(data) or any(data[end - k] != value for k, value in form["last_bytes"]):
        return False
    if not form["checksum"]:
        return True
    _, first, behind, order, *way = form["checksum"]
    stands = end - behind - way[1] // 8
    return int.from_bytes(bytes(data[stands:end - behind]), order) == checksum(data[at + first:stands], *way)


def starts_of(data, form):
    starts, at = [], 0
    while at < len(data):
        found = is_frame(data, at, form)
        if found:
            starts.append(at)
        at += length_of(data, at, form) if found and form["goes_on_behind"] else 1
    return starts


def own(*inputs):
    form = []
    data = [int(byte) & 255 for byte in next(iter(inputs))]
    return np.array(starts_of(data, form), dtype=np.int64)
