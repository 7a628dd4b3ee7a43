"""Write token files as docs/lnt-format.md describes them, to hold the TypeScript reader and writer to it.

    python golden_lnt.py --out ../test/golden/lnt

Nothing but Python's own library is needed. ``two-blocks`` is the example of the document, ``stereo`` has two channels
whose levels differ in frame and codebook, an encoder's delay, an unusual name and no index; ``coded`` is entropy-coded by
the tables in ``coded.tables``, with whole numbers of any size where the reader has 48 bits.
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


def frequencies(table: dict, seen: list[int | None]) -> list[int]:
    """Return how likely each code of a level is, by the codes that its contexts see."""
    scores = list(table["bias"])
    for context, code in zip(table["contexts"], seen):
        row = context["scores"][context["classes"][-1 if code is None else code]]
        scores = [score + more for score, more in zip(scores, row)]
    fractions = [round(65536 * 2 ** (-sixteenth / 16)) for sixteenth in range(16)]
    result = []
    for score in scores:
        difference = min(255, max(scores) - score)
        halvings = difference // 16
        fraction = fractions[difference % 16]
        result.append(max(1, (fraction + (1 << halvings >> 1)) >> halvings))
    return result


def code_block(block: list[list[list[int]]], tables: list[dict]) -> bytes:
    """Entropy-code ``block[channel][level][frame]`` by one interval that gets ever smaller."""
    low, width, shift = 0, 1 << 48, 0
    for channel in block:
        for frame in range(len(channel[0])):
            for level, codes in enumerate(channel):
                seen = []
                for context in tables[level]["contexts"]:
                    place = frame - context["back"]
                    is_there = place >= 0 and context["level"] < len(channel)
                    seen.append(channel[context["level"]][place] if is_there else None)
                likely = frequencies(tables[level], seen)
                step = width // sum(likely)
                low += step * sum(likely[: codes[frame]])
                width = step * likely[codes[frame]]
                while width < 1 << 40:
                    low, width, shift = low << 8, width << 8, shift + 8
    bits = shift + 48
    # the shortest string of bytes in the interval, as if zeros followed it
    for length in range(bits // 8 + 1):
        unit = 1 << (bits - 8 * length)
        value = -(-low // unit) * unit
        if value < low + width:
            data = (value >> (bits - 8 * length)).to_bytes(length, "big")
            break
    data = data.rstrip(b"\0")
    count = sum(len(level) for channel in block for level in channel)
    return data.ljust(max(1, math.ceil(count / 8)), b"\0")


def write_tables(tables: list[dict]) -> bytes:
    """Return the tables as a file."""
    sizes = [len(table["bias"]) for table in tables]
    data = b"LNTT" + bytes([1, len(tables)]) + struct.pack(f"<{len(sizes)}I", *sizes)
    for table, size in zip(tables, sizes):
        data += bytes([len(table["contexts"])])
        data += struct.pack(f"<{size}h", *table["bias"])
        for context in table["contexts"]:
            data += struct.pack("<BBH", context["level"], context["back"], len(context["scores"]))
            data += bytes(context["classes"])
            for row in context["scores"]:
                data += struct.pack(f"<{size}b", *row)
    return data


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
        1 if "tables" in settings else 0,
        settings["sample_rate"],
        settings["delay"],
        settings["block_length"],
    )
    body += bytes(range(32))
    for frame_size, codebook_size in levels:
        body += struct.pack("<II", frame_size, codebook_size)
    body += bytes([len(name)]) + name + struct.pack("<I", len(tags)) + tags
    if "tables" in settings:
        body += struct.pack("<I", zlib.crc32(write_tables(settings["tables"])))
    header = b"LNT2" + struct.pack("<I", 8 + len(body) + 4) + body
    seal = struct.pack("<I", zlib.crc32(header))
    data = header + seal
    lengths = []
    for number, block in enumerate(blocks):
        codes = []
        for channel in block:
            for (_, codebook_size), level in zip(levels, channel):
                codes += [(code, math.ceil(math.log2(codebook_size))) for code in level]
        payload = code_block(block, settings["tables"]) if "tables" in settings else pack_bits(codes)
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
    # the likely codes of the first level cost next to nothing; the second is all but noise
    tables = [
        {
            "bias": [0, -40, -300, 7, 100],
            "contexts": [
                {"level": 0, "back": 1, "classes": [0, 1, 1, 0, 2, 3], "scores": [
                    [0, 1, 2, 3, 4], [127, -128, 0, 9, 30], [-5, 90, -7, 0, 127], [0, 0, 0, 0, 0]]},
                {"level": 1, "back": 2, "classes": [0] * 3 + [1] * 4 + [0], "scores": [
                    [3, 0, 0, 0, 1], [-60, 60, 0, -60, 60]]},
            ],
        },
        {
            "bias": [0, 1, 0, -1, 2, 0, 1],
            "contexts": [
                {"level": 0, "back": 0, "classes": [0, 0, 1, 1, 1, 0], "scores": [
                    [0, 20, -20, 0, 20, -20, 0], [5, 4, 3, 2, 1, 0, -1]]},
            ],
        },
        {"bias": [-32768, 32767], "contexts": []},
    ]
    coded = {
        "codec": 1,
        "sample_rate": 8000,
        "delay": 0,
        "block_length": 2400,
        "levels": [(40, 5), (40, 7)],
        "name": "coded",
        "tags": {},
        "index": True,
        "tables": tables,
    }
    codes = [[[(17 * n * n + n // 7) % 5 for n in range(130)], [(5 * n * n + n // 3) % 7 for n in range(130)]]]
    coded_blocks = [
        [[level[:60] for level in codes[0]]],
        [[[4] * 60, [6] * 60]],
        [[level[60:] for level in codes[0]]],
    ]
    with open(os.path.join(out, "coded.tables"), "wb") as file:
        file.write(write_tables(tables))
    files = {
        "coded": write_file(coded, coded_blocks, 4800 + 2222),
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
