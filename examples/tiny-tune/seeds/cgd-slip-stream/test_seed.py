"""Tests of the seed; streams cut at every place. Unescaping by replacement in the wrong order and a lost half escape fail."""
import random


def encode(packet):
    out = b"".join({0xC0: b"\xdb\xdc", 0xDB: b"\xdb\xdd"}.get(b, bytes([b])) for b in packet)
    return b"\xc0" + out + b"\xc0"


def feed(subject, chunks, **options):
    packets, pending, dropped = [], b"", 0
    for chunk in chunks:
        some, pending, lost = subject(chunk, pending, **options)
        packets += some
        dropped += lost
    return packets, pending, dropped


def test_escapes(subject):
    assert subject(b"\xc0\x01\xdb\xdc\xdb\xdd\x02\xc0") == ([b"\x01\xc0\xdb\x02"], b"", 0)
    # 0xDB 0xDD 0xDC is an escaped 0xDB followed by a plain 0xDC, not an escaped 0xC0.
    assert subject(b"\xdb\xdd\xdc\xc0")[0] == [b"\xdb\xdc"]


def test_any_cut_gives_the_same(subject):
    rng = random.Random(2)
    packets = [bytes(rng.choice([0xC0, 0xDB, 0xDC, 0xDD, 7]) for _ in range(rng.randrange(1, 12))) for _ in range(40)]
    stream = b"".join(map(encode, packets))
    for size in (1, 2, 3, 7, len(stream)):
        assert feed(subject, [stream[k : k + size] for k in range(0, len(stream), size)]) == (packets, b"", 0)


def test_rest_is_kept(subject):
    packets, pending, dropped = subject(b"\xc0abc\xc0de\xdb")
    assert (packets, dropped) == ([b"abc"], 0)
    assert subject(b"\xdcf\xc0", pending) == ([b"de\xc0f"], b"", 0)


def test_wrong_escape_drops_one_packet_only(subject):
    assert subject(b"\xc0a\xdbb\xdbc\xc0ok\xc0x\xdb\xc0\xc0\xc0fine\xc0") == ([b"ok", b"fine"], b"", 2)


def test_length_limit(subject):
    assert feed(subject, [b"a" * 3, b"b" * 3, b"\xc0", b"abcde\xc0"], max_length=5) == ([b"abcde"], b"", 1)
    _, pending, _ = feed(subject, [b"z" * 100] * 50, max_length=200)
    assert len(pending) <= 201
    assert subject(b"\xc0hi\xc0", pending, max_length=200) == ([b"hi"], b"", 1)
