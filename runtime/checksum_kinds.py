"""The checksums that devices use, as runtime/own/checksum.py takes them: (name, way, bits, polynomial, start, reflected, last).
Source: G. Cook, Catalogue of parametrised CRC algorithms."""

SUMS = [
    ("sum of 8 bits", "sum", 8), ("two's complement of the sum", "minus", 8),
    ("one's complement of the sum", "sum", 8, 0, 0, False, 0xFF), ("exclusive or", "xor", 8),
    ("exclusive or, inverted", "xor", 8, 0, 0, False, 0xFF), ("sum of 16 bits", "sum", 16),
    ("two's complement of the sum, 16 bits", "minus", 16),
]
CRCS = [
    ("CRC-8/SMBUS", "crc", 8, 0x07), ("CRC-8/ROHC", "crc", 8, 0x07, 0xFF, True), ("CRC-8/I-432-1", "crc", 8, 0x07, 0, False, 0x55),
    ("CRC-8/MAXIM-DOW", "crc", 8, 0x31, 0, True), ("CRC-8/NRSC-5", "crc", 8, 0x31, 0xFF),
    ("CRC-8/SAE-J1850", "crc", 8, 0x1D, 0xFF, False, 0xFF), ("CRC-8/AUTOSAR", "crc", 8, 0x2F, 0xFF, False, 0xFF),
    ("CRC-8/DVB-S2", "crc", 8, 0xD5), ("CRC-8/WCDMA", "crc", 8, 0x9B, 0, True), ("CRC-8/BLUETOOTH", "crc", 8, 0xA7, 0, True),
    ("CRC-16/MODBUS", "crc", 16, 0x8005, 0xFFFF, True), ("CRC-16/ARC", "crc", 16, 0x8005, 0, True),
    ("CRC-16/USB", "crc", 16, 0x8005, 0xFFFF, True, 0xFFFF), ("CRC-16/MAXIM-DOW", "crc", 16, 0x8005, 0, True, 0xFFFF),
    ("CRC-16/UMTS", "crc", 16, 0x8005), ("CRC-16/CMS", "crc", 16, 0x8005, 0xFFFF),
    ("CRC-16/IBM-3740", "crc", 16, 0x1021, 0xFFFF), ("CRC-16/XMODEM", "crc", 16, 0x1021),
    ("CRC-16/GENIBUS", "crc", 16, 0x1021, 0xFFFF, False, 0xFFFF), ("CRC-16/SPI-FUJITSU", "crc", 16, 0x1021, 0x1D0F),
    ("CRC-16/GSM", "crc", 16, 0x1021, 0, False, 0xFFFF), ("CRC-16/KERMIT", "crc", 16, 0x1021, 0, True),
    ("CRC-16/MCRF4XX", "crc", 16, 0x1021, 0xFFFF, True), ("CRC-16/IBM-SDLC", "crc", 16, 0x1021, 0xFFFF, True, 0xFFFF),
    ("CRC-16/DNP", "crc", 16, 0x3D65, 0, True, 0xFFFF), ("CRC-16/EN-13757", "crc", 16, 0x3D65, 0, False, 0xFFFF),
    ("CRC-16/T10-DIF", "crc", 16, 0x8BB7), ("CRC-24/OPENPGP", "crc", 24, 0x864CFB, 0xB704CE), ("CRC-24/BLE", "crc", 24, 0x00065B, 0x555555, True),
    ("CRC-32/ISO-HDLC", "crc", 32, 0x04C11DB7, 0xFFFFFFFF, True, 0xFFFFFFFF),
    ("CRC-32/BZIP2", "crc", 32, 0x04C11DB7, 0xFFFFFFFF, False, 0xFFFFFFFF), ("CRC-32/MPEG-2", "crc", 32, 0x04C11DB7, 0xFFFFFFFF),
    ("CRC-32/ISCSI", "crc", 32, 0x1EDC6F41, 0xFFFFFFFF, True, 0xFFFFFFFF),
]
KINDS = SUMS + CRCS


def orders_of(kind):
    return ("big",) if kind[2] == 8 else ("big", "little")
