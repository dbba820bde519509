"""The bytes of a frame. Written by people and shipped with gpiot."""


def bytes_of(frame):
    """Hexadecimal text, with blanks or colons between its digits or not, other text, or numbers, as a list of numbers from 0 to
    255."""
    if not isinstance(frame, str):
        return [int(one) & 255 for one in frame]
    digits = "".join(one for one in frame.replace("0x", "") if one not in " :-,\t\n")
    if not all(one in "0123456789abcdefABCDEF" for one in digits):
        return list(frame.encode())
    return list(bytes.fromhex(digits[:len(digits) // 2 * 2]))
