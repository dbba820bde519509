"""Where a number stands in a line of text, and how it is written: found on lines whose number is known, by trying every place
until one tells all of them."""
import re

from frame_fields import LEAST, line_for, tolerance_of
from text_value import NUMBER, number_in

SEPARATORS = (",", ";", "|", "\t", " ", ":", "=", "*")
KEY = re.compile(r"[A-Za-z_\"'][^\d,;|\n]*$")  # from a word on to the number
LONGEST_KEY = 40
MOST_PLACES = 64
WAYS = ("number", "degrees and minutes", "hexadecimal")


def places(texts):
    """Places that all lines have, the plainest first: named numbers, fields, numbers."""
    found = []
    for match in NUMBER.finditer(texts[0]):
        key = KEY.search(texts[0][:match.start()])
        if key and len(key[0]) <= LONGEST_KEY and all(key[0] in text for text in texts):
            found.append(["behind", key[0]])
    for separator in SEPARATORS:
        least = min(text.count(separator) for text in texts) + 1
        if least > 1:
            found += [["field", separator, k] for k in range(min(least, MOST_PLACES))]
            found += [["field", separator, -k] for k in range(1, min(least, MOST_PLACES) + 1)]
    least = min(len(NUMBER.findall(text)) for text in texts)
    found += [["number", k] for k in range(min(least, MOST_PLACES))]
    return found + [["number", -k] for k in range(1, min(least, MOST_PLACES) + 1)]


def text_field_of(texts, numbers):
    """The form of runtime/own/text_value.py with which all numbers are told; None where there is none. Of several the plainest
    way of writing, then the nearest."""
    if len(set(numbers)) < LEAST:
        return None
    tolerance, found = tolerance_of(numbers), []
    for place in places(texts):
        for way in WAYS:
            raw = []
            for text in texts:
                raw.append(number_in(text, place, way))
                if raw[-1] is None:
                    break
            if raw[-1] is None or len(set(raw)) < LEAST:
                continue
            if line := line_for(raw, numbers, tolerance):
                miss, scale, offset = line
                form = {"place": place, "way": way, "scale": scale, "offset": offset}
                found.append((WAYS.index(way), round(miss / tolerance, 2), offset != 0, scale != 1, len(found), form))
    return min(found)[-1] if found else None
