"""The verdict on a frame: the first check that it fails tells it. A check holds for every labelled frame that has a later
verdict; the checks were found on these frames. Written by people and shipped with gpiot."""
from frame_bytes import bytes_of
from checksum import checksum

ASTERISK = 42


def holds(check, data):
    """["byte", at, values], ["pair", at, other, {value: other's}], ["length", at, more] (the frame is so much longer than that
    byte says), ["length_of", at, {value: length}], ["least", length], ["checksum", name, from, behind, order, *kind] or
    ["text checksum", name, from, *kind], in hexadecimal digits behind the last asterisk."""
    kind, numbers = check[0], check[1:]
    if kind == "least":
        return len(data) >= numbers[0]
    if kind == "checksum":
        _, first, behind, order, *way = numbers
        end = len(data) - behind
        size = way[1] // 8
        stands = bytes(data[end - size:end])
        return end - size > first and int.from_bytes(stands, order) == checksum(data[first:end - size], *way)
    if kind == "text checksum":
        _, first, *way = numbers
        end = max((at for at, byte in enumerate(data) if byte == ASTERISK), default=-1)
        digits = "".join(map(chr, data[end + 1:])).strip()
        told = len(digits) == way[1] // 4 and all(one in "0123456789abcdefABCDEF" for one in digits)
        return told and end > first and int(digits, 16) == checksum(data[first:end], *way)
    at = numbers[0]
    if not -len(data) <= at < len(data):
        return False
    if kind == "byte":
        return data[at] in numbers[1]
    if kind == "pair":
        return numbers[1] < len(data) and numbers[2].get(str(data[at])) == data[numbers[1]]
    if kind == "length":
        return len(data) == data[at] + numbers[1]
    return numbers[1].get(str(data[at])) == len(data)


def verdict_of(data, form):
    for verdict, checks in form:
        if not all(holds(check, data) for check in checks):
            return verdict
    return form[-1][0]


def own(*inputs):
    form = []
    return verdict_of(bytes_of(next(iter(inputs))), form)
