"""Pack the recordings of people as the training scripts want them: one int16 tensor at 24 kHz for each group.

    python pack.py --human /tmp/human --out /tmp/data

``--human`` has the folders ``adults`` (with transcripts.tsv), ``callie`` and ``commands``, any of them.
Writes ``OUT/GROUP.pt``: ``audio`` (int16, all clips one after the other, each with a peak of 0.6) and
``index``, a list of dictionaries:

* ``name``, ``group``, ``speaker``, ``split`` (``train`` or ``test``), ``text`` or None;
* ``start``, ``length`` in samples.

teacher/synth_kokoro.py writes the speech of the voices in the same form, with phones and their ends.
"""

import argparse
import csv
import glob
import math
import os
import time
import zlib
from multiprocessing import Pool

import numpy as np
import soundfile
import torch
from scipy.signal import resample_poly

SAMPLE_RATE = 24000
PEAK = 0.6
MIN_SAMPLES, MIN_PEAK = 4800, 1e-3
MARGIN = 2400  # samples kept about a person's speech
BLOCK = 240  # samples
HELD_OUT_EVERY, HELD_OUT_SPEAKERS = 9, 12
GROUPS = ("adults", "callie", "commands")
AUDIO_FILES = (".opus", ".flac", ".wav", ".ogg")


def read(path: str) -> np.ndarray | None:
    """Read a file as int16 at 24 kHz, without silence at its ends.

    Returns:
        None if the file is unreadable, silent or shorter than 0.2 s.
    """
    try:
        x, rate = soundfile.read(path, dtype="float32")
    except (OSError, RuntimeError):
        return None
    if x.ndim > 1:
        x = x.mean(1)
    if rate != SAMPLE_RATE:
        divisor = math.gcd(rate, SAMPLE_RATE)
        x = resample_poly(x, SAMPLE_RATE // divisor, rate // divisor).astype(np.float32)
    peak = np.abs(x).max() if len(x) else 0
    if peak < MIN_PEAK or len(x) < MIN_SAMPLES:
        return None
    blocks = np.abs(x[: len(x) // BLOCK * BLOCK]).reshape(-1, BLOCK).max(1)
    loud = np.nonzero(blocks > 0.03 * peak)[0]
    x = x[max(0, loud[0] * BLOCK - MARGIN) : (loud[-1] + 1) * BLOCK + MARGIN]
    return (x * (PEAK / peak) * 32767).astype(np.int16)


def read_transcripts(folder: str) -> dict[str, tuple[str, str]]:
    """Return speaker and text of each utterance of ``adults``."""
    path = f"{folder}/adults/transcripts.tsv"
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf8") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {row["utterance"]: (row["speaker"], row["text"]) for row in rows}


def list_rows(folder: str, group: str) -> list[dict]:
    """List the recordings of a group, with their ``path``. Of ``adults`` twelve speakers are held out."""
    transcripts = read_transcripts(folder) if group == "adults" else {}
    speakers = sorted({speaker for speaker, _ in transcripts.values()})
    held = set(speakers[::HELD_OUT_EVERY][:HELD_OUT_SPEAKERS])
    rows = []
    for path in sorted(glob.glob(f"{folder}/{group}/*")):
        name, ending = os.path.splitext(os.path.basename(path))
        if ending not in AUDIO_FILES or (group == "adults" and name not in transcripts):
            continue
        split = "test" if zlib.crc32(name.encode()) % 20 == 0 else "train"
        row = {"name": name, "path": path, "group": group, "speaker": group, "split": split, "text": None}
        if group == "adults":
            row["speaker"], row["text"] = transcripts[name]
            row["split"] = "test" if row["speaker"] in held else "train"
        if group == "commands" and name.startswith("word_"):
            row["text"] = name.split("_")[1].replace("-", " ")
        rows.append(row)
    return rows


def save(group: str, rows: list[dict], out: str, pool) -> None:
    """Read a group's clips and write its file."""
    begin = time.time()
    index, audio, position = [], [], 0
    paths = [row.pop("path") for row in rows]
    for row, samples in zip(rows, pool.imap(read, paths, 8)):
        if samples is None:
            continue
        row.update(start=position, length=len(samples))
        index.append(row)
        audio.append(torch.from_numpy(samples))
        position += len(samples)
    if not index:
        print(f"{group}: nothing")
        return
    torch.save({"audio": torch.cat(audio), "index": index}, f"{out}/{group}.pt")
    held = sum(row["split"] == "test" for row in index)
    hours, seconds = position / SAMPLE_RATE / 3600, time.time() - begin
    print(f"{group}: {len(index)} clips, {held} held out, {hours:.2f} h, {seconds:.1f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--human", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    os.makedirs(args.out, exist_ok=True)
    begin = time.time()
    with Pool(os.cpu_count()) as pool:
        for group in GROUPS:
            save(group, list_rows(args.human, group), args.out, pool)
    print(f"{time.time() - begin:.1f} s")


if __name__ == "__main__":
    main()
