"""Checksums of bytes: sums, the exclusive or, and the CRC of any polynomial. Written by people and shipped with gpiot."""


def reversed_bits(value, bits):
    return int(format(value, f"0{bits}b")[::-1], 2)


def checksum(data, way, bits, polynomial=0, start=0, reflected=False, last=0):
    """Of a list of bytes, as a number of so many bits; `last` is what is combined with it by exclusive or at the end."""
    value, mask = start, (1 << bits) - 1
    if way == "sum":
        value += sum(data)
    elif way == "minus":  # what makes the sum of all a multiple of 2 ** bits
        value -= sum(data)
    elif way == "xor":
        for byte in data:
            value ^= byte
    else:
        for byte in data:
            value ^= (reversed_bits(byte, 8) if reflected else byte) << (bits - 8)
            for _ in range(8):
                value = (value << 1 ^ polynomial if value >> (bits - 1) else value << 1) & mask
        value = reversed_bits(value, bits) if reflected else value
    return (value ^ last) & mask
