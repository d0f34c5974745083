"""Tables and messages taken apart and put together byte by byte, as no writer would."""

import struct

MAGIC = struct.pack("<Q", 0xDB4775248B80FB57)
NO_COMPRESSION, SNAPPY = 0, 1


def crc_table():
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
        yield value


CRC_TABLE = list(crc_table())


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = CRC_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def take_varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


# Messages.


def number(field, value):
    return varint(field << 3) + varint(value)


def fixed32(field, value):
    return varint(field << 3 | 5) + struct.pack("<I", value)


def message(field, *parts):
    content = b"".join(parts)
    return varint(field << 3 | 2) + varint(len(content)) + content


def shape(field, *dims):
    return message(field, *(message(2, number(1, dim)) for dim in dims))


def tensor_slice(field, *extents):
    """Each extent is (start, length); no length where that is None."""
    return message(
        field,
        *(
            message(1, number(1, start), b"" if length is None else number(2, length))
            for start, length in extents
        ),
    )


# Keys of slices.


def slice_key(name, *extents):
    escaped = name.replace(b"\xff", b"\xff\x00").replace(b"\x00", b"\x00\xff")
    key = b"\x00" + escaped + b"\x00\x01" + bytes([1, len(extents)])
    for extent in extents:
        for value in extent:
            key += ordered_signed(-1 if value is None else value)
    return key


def ordered_signed(value):
    length = 1
    while not -(1 << (7 * length - 1)) <= value < 1 << (7 * length - 1):
        length += 1
    encoded = bytearray((value % (1 << 8 * length)).to_bytes(length, "big"))
    encoded[0] ^= ((1 << length) - 1) << (8 - length) & 0xFF
    return bytes(encoded)


# Tables.


def read_table(raw):
    """All pairs of a table without compression."""
    footer = raw[-48:]
    at = 0
    for _ in range(2):
        _, at = take_varint(footer, at)
    handle = footer[at:]
    pairs = []
    for _, data_handle in entries(block_at(raw, handle)):
        pairs += entries(block_at(raw, data_handle))
    return pairs


def block_at(raw, handle):
    offset, at = take_varint(handle, 0)
    size, _ = take_varint(handle, at)
    return raw[offset : offset + size]


def entries(block):
    end = len(block) - 4 - 4 * struct.unpack("<I", block[-4:])[0]
    at, key, found = 0, b"", []
    while at < end:
        shared, at = take_varint(block, at)
        unshared, at = take_varint(block, at)
        length, at = take_varint(block, at)
        key = key[:shared] + block[at : at + unshared]
        at += unshared
        found.append((key, block[at : at + length]))
        at += length
    return found


def block(pairs, restarts=None):
    """Every entry is a restart, unless told which offsets are."""
    out, offsets = bytearray(), []
    for key, value in pairs:
        offsets.append(len(out))
        out += b"\0" + varint(len(key)) + varint(len(value)) + key + value
    return ended(bytes(out), offsets if restarts is None else restarts)


def ended(contents, restarts, count=None):
    restarts = restarts or [0]
    count = len(restarts) if count is None else count
    return contents + b"".join(struct.pack("<I", n) for n in [*restarts, count])


def stored(contents, kind=NO_COMPRESSION):
    contents += bytes([kind])
    return contents + struct.pack("<I", masked_crc(contents))


def handle(offset, size):
    return varint(offset) + varint(size)


def footer(metaindex, index):
    return (metaindex + index).ljust(40, b"\0") + MAGIC


def table(pairs):
    return table_of_blocks([(pairs[-1][0] + b"~", block(pairs), NO_COMPRESSION)])


def table_of_blocks(blocks, handles=None, index=None, end=footer):
    """Each block is (separator, contents, kind). `handles` changes the handles, `index` makes
    the index block of the pairs of separator and handle, `end` the footer of two handles."""
    out, found = b"", []
    for separator, contents, kind in blocks:
        found.append((separator, handle(len(out), len(contents))))
        out += stored(contents, kind)
    meta = block([])
    meta_handle = handle(len(out), len(meta))
    out += stored(meta)
    found = handles(found, out) if handles else found
    contents = (index or block)(found)
    index_handle = handle(len(out), len(contents))
    return out + stored(contents) + end(meta_handle, index_handle)
