"""Write token files as docs/lnt-format.md describes them, to hold the TypeScript reader and writer to it.

    python golden_lnt.py --out ../test/golden/lnt

Nothing but Python's own library is needed. ``two-blocks`` is the example of the document, ``stereo`` has two channels
whose levels differ in frame and codebook, an encoder's delay, an unusual name and no index.
"""

import argparse
import json
import math
import os
import struct
import zlib


def pack_bits(codes: list[tuple[int, int]]) -> bytes:
    """Put pairs of code and number of bits one behind the other, least significant bit first."""
    whole = position = 0
    for code, bits in codes:
        whole |= code << position
        position += bits
    return whole.to_bytes(math.ceil(position / 8), "little")


def write_file(settings: dict, blocks: list[list[list[list[int]]]], num_samples: int) -> bytes:
    """Return a file of ``blocks[block][channel][level][frame]``, the last of which stands for what is left."""
    levels = settings["levels"]
    name = settings["name"].encode()
    tags = json.dumps(settings["tags"], ensure_ascii=False, separators=(",", ":")).encode()
    body = struct.pack(
        "<BBBBIII",
        settings["codec"],
        len(blocks[0]),
        len(levels),
        0,
        settings["sample_rate"],
        settings["delay"],
        settings["block_length"],
    )
    body += bytes(range(32))
    for frame_size, codebook_size in levels:
        body += struct.pack("<II", frame_size, codebook_size)
    body += bytes([len(name)]) + name + struct.pack("<I", len(tags)) + tags
    header = b"LNT2" + struct.pack("<I", 8 + len(body) + 4) + body
    seal = struct.pack("<I", zlib.crc32(header))
    data = header + seal
    lengths = []
    for number, block in enumerate(blocks):
        codes = []
        for channel in block:
            for (_, codebook_size), level in zip(levels, channel):
                codes += [(code, math.ceil(math.log2(codebook_size))) for code in level]
        payload = pack_bits(codes)
        is_last = number == len(blocks) - 1
        part = (b"BL" if is_last else b"BK") + struct.pack("<HI", len(payload), number)
        if is_last:
            left = num_samples - number * settings["block_length"]
            part += struct.pack("<II", left, len(block[0][0]))
        part += payload
        data += part + struct.pack("<I", zlib.crc32(seal + part))
        lengths.append(len(payload))
    index = lengths if settings["index"] else []
    end = b"END2" + struct.pack("<QII", num_samples, len(blocks), len(index))
    end += b"".join(struct.pack("<H", length) for length in index)
    end += struct.pack("<I", zlib.crc32(seal + end))
    return data + end + struct.pack("<I", len(end) + 8) + b"LNTE"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", required=True)
    out = parser.parse_args().out
    two_blocks = {
        "codec": 1,
        "sample_rate": 8,
        "delay": 0,
        "block_length": 8,
        "levels": [(4, 1000), (4, 1000)],
        "name": "test",
        "tags": {"a": 1},
        "index": True,
    }
    stereo = {
        "codec": 2,
        "sample_rate": 16_777_216,
        "delay": 5,
        "block_length": 12,
        "levels": [(4, 5), (12, 65_536), (6, 2)],
        "name": "höhe",
        "tags": {"voice": "é", "synthetic": True},
        "index": False,
    }
    files = {
        "two-blocks": write_file(two_blocks, [[[[999, 1], [12, 32]]], [[[1, 2], [3, 4]]]], 11),
        "stereo": write_file(
            stereo,
            [
                [[[0, 4, 3], [65_535], [1, 0]], [[1, 2, 3], [258], [1, 1]]],
                # 4 frames of 4 samples reach into a second frame of 12 and a third of 6
                [[[4, 0, 1, 2], [7, 9], [0, 1, 1]], [[2, 2, 0, 4], [1, 40_000], [1, 0, 0]]],
            ],
            13,
        ),
    }
    for name, data in files.items():
        with open(os.path.join(out, f"{name}.lnt"), "wb") as file:
            file.write(data)


if __name__ == "__main__":
    main()
