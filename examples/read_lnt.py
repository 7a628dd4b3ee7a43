"""Read packed .lnt files of one channel (docs/lnt-format.md, version 2) with nothing but Python's own library.

    python read_lnt.py talk.lnt ...

In a program, ``numpy.frombuffer(codes, numpy.uint16).reshape(-1, header["levels"])`` makes an array of the codes.
"""

import json
import math
import struct
import sys
import zlib
from array import array


def read_lnt(path: str) -> tuple[dict, array]:
    """Return what a file says of itself, and its codes.

    Args:
        path (str):
            A file that is whole and not entropy-coded.

    Returns:
        ``codec``, ``weights`` (SHA-256 in hexadecimal digits), ``tags``, ``sample_rate`` (Hz), ``levels``,
        ``codebook_size``, ``frames`` and ``samples``; and the codes [T, K], frame after frame, 16 bits each.

    Raises:
        ValueError: If the file is damaged, cut off, or of a kind that is not read here.
    """
    with open(path, "rb") as file:
        data = file.read()
    try:
        return parse(data)
    except struct.error as error:
        raise ValueError(f"{path} is cut off") from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def parse(data: bytes) -> tuple[dict, array]:
    """As ``read_lnt``, of the bytes of a file."""
    if data[:4] != b"LNT2":
        raise ValueError("no token file of version 2")
    (length,) = struct.unpack_from("<I", data, 4)
    _, channels, levels, flags, rate, _, block_length = struct.unpack_from("<BBBBIII", data, 8)
    (seed,) = struct.unpack_from("<I", data, length - 4)
    if zlib.crc32(data[: length - 4]) != seed:
        raise ValueError("its header is damaged")
    shapes = [struct.unpack_from("<II", data, 56 + 8 * level) for level in range(levels)]
    if flags != 0 or channels != 1 or len(set(shapes)) != 1:
        raise ValueError("entropy-coded, or of several channels or levels of different shapes")
    frame_size, codebook_size = shapes[0]
    offset = 56 + 8 * levels
    name = data[offset + 1 : offset + 1 + data[offset]].decode()
    offset += 1 + data[offset]
    (tags_length,) = struct.unpack_from("<I", data, offset)
    tags = json.loads(data[offset + 4 : offset + 4 + tags_length])

    bits = (codebook_size - 1).bit_length()
    codes = array("H")
    samples = blocks = 0
    offset, is_over = length, False
    crc_of_header = data[length - 4 : length]
    while data[offset : offset + 2] in (b"BK", b"BL") and not is_over:
        is_over = data[offset : offset + 2] == b"BL"
        size, number = struct.unpack_from("<HI", data, offset + 2)
        fields = struct.unpack_from("<II", data, offset + 8) if is_over else (block_length, block_length // frame_size)
        start = offset + (16 if is_over else 8)
        (crc,) = struct.unpack_from("<I", data, start + size)
        if number != blocks or zlib.crc32(crc_of_header + data[offset : start + size]) != crc:
            raise ValueError(f"block {blocks} is damaged")
        codes.extend(unpack(data[start : start + size], fields[1], levels, bits))
        samples += fields[0]
        blocks += 1
        offset = start + size + 4
    (total,) = struct.unpack_from("<Q", data, offset + 4) if data[offset : offset + 4] == b"END2" else (-1,)
    if total != samples or data[-4:] != b"LNTE":
        raise ValueError(f"cut off or damaged after {blocks} blocks")
    return {
        "codec": name,
        "weights": data[24:56].hex(),
        "tags": tags,
        "sample_rate": rate,
        "levels": levels,
        "codebook_size": codebook_size,
        "frames": len(codes) // levels,
        "samples": samples,
    }, codes


def unpack(payload: bytes, frames: int, levels: int, bits: int) -> array:
    """Return the codes of a block [T, K]: a file has them level after level, ``bits`` each."""
    if len(payload) != math.ceil(frames * levels * bits / 8):
        raise ValueError(f"a block of {frames} frames has {len(payload)} bytes")
    whole = int.from_bytes(payload, "little")
    mask = (1 << bits) - 1
    return array("H", (
        whole >> (level * frames + frame) * bits & mask for frame in range(frames) for level in range(levels)
    ))


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        try:
            header, _ = read_lnt(argument)
        except (OSError, ValueError) as error:
            sys.exit(f"error: {error}")
        print(json.dumps({"path": argument, **header}))
