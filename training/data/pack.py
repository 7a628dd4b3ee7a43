"""Pack speech of all kinds as the training scripts want it: one int16 tensor at 24 kHz for each group.

    python pack.py --raw /tmp/raw --human /tmp/human --cmudict cmudict.dict --out /tmp/data

``--raw`` is what synthesize.py wrote; ``--human`` has the folders ``adults`` (with transcripts.tsv),
``callie`` and ``commands``, any of them. Writes ``OUT/GROUP.pt``: ``audio`` (int16, all clips one after
the other, each with a peak of 0.6) and ``index``, a list of dictionaries:

* ``name``, ``group``, ``speaker``, ``split`` (``train`` or ``test``), ``text`` or None;
* ``start``, ``length`` in samples;
* ``phones`` int16 ``[N]`` (indices of training/phones.py) or None; ``ends`` float32 ``[N]``, seconds;
  ``word_start`` uint8 ``[N]``. People have phones only if CMU's dictionary has all their words, and
  no ``ends``.
"""

import argparse
import csv
import glob
import math
import os
import sys
import time
import zlib
from multiprocessing import Pool

import numpy as np
import soundfile
import torch
from scipy.signal import resample_poly

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from phones import PHONES  # noqa: E402

SAMPLE_RATE = 24000
PEAK = 0.6
MIN_SAMPLES, MIN_PEAK = 4800, 1e-3
MARGIN = 2400  # samples kept about a person's speech
BLOCK = 240  # samples
IDS = {phone: index for index, phone in enumerate(PHONES)}
PAUSE = IDS["pau,"]
FINAL_PAUSES = {".": IDS["pau."], "?": IDS["pau?"], "!": IDS["pau!"]}
# of the synthesizers, to the phone set
PHONE_NAMES = {
    **{"axr": "er", "nx": "n", "dx": "t", "el": "l", "em": "m", "en": "n"},
    **{"ssil": "pau", "h#": "pau", "brth": "pau"},
}
HELD_OUT_EVERY, HELD_OUT_SPEAKERS = 9, 12
HUMAN_GROUPS = ("adults", "callie", "commands")
AUDIO_FILES = (".opus", ".flac", ".wav", ".ogg")


def read(job: tuple[str, bool]) -> np.ndarray | None:
    """Read a file as int16 at 24 kHz; None if it is unreadable, silent or shorter than 0.2 s.

    Args:
        job: Path, and whether to cut silence off its ends.
    """
    path, is_trimmed = job
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
    if is_trimmed:
        blocks = np.abs(x[: len(x) // BLOCK * BLOCK]).reshape(-1, BLOCK).max(1)
        loud = np.nonzero(blocks > 0.03 * peak)[0]
        x = x[max(0, loud[0] * BLOCK - MARGIN) : (loud[-1] + 1) * BLOCK + MARGIN]
    return (x * (PEAK / peak) * 32767).astype(np.int16)


def read_labels(path: str, text: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read phones, their ends and the word starts from a .lab file.

    Pauses in a row become one, and the last is named after the mark at the end of the text.

    Raises:
        KeyError: If a phone is not in the phone set.
    """
    phones: list[int] = []
    ends: list[float] = []
    starts: list[int] = []
    with open(path) as file:
        for line in file:
            end, name, is_start = line.split()
            name = PHONE_NAMES.get(name, name)
            phone = PAUSE if name == "pau" else IDS[name]
            if phone == PAUSE and phones and phones[-1] == PAUSE:
                ends[-1] = float(end)
                continue
            phones.append(phone)
            ends.append(float(end))
            starts.append(0 if phone == PAUSE else int(is_start))
    if phones[-1] == PAUSE:
        phones[-1] = FINAL_PAUSES.get(text.rstrip("\"') ")[-1:], PAUSE)
    return np.array(phones, np.int16), np.array(ends, np.float32), np.array(starts, np.uint8)


def read_dictionary(path: str) -> dict[str, list[int]]:
    """Read the first pronunciation of each word of a file in CMUdict's form; AH0 is ``ax``."""
    words: dict[str, list[int]] = {}
    if not path:
        return words
    with open(path, encoding="latin-1") as file:
        for line in file:
            word, _, phones = line.strip().partition(" ")
            if line.startswith(";") or "(" in word:
                continue
            sounds = phones.split("#")[0].split()
            words[word.lower()] = [IDS[x.lower()] for x in sounds]
    return words


def pronounce(text: str, words: dict[str, list[int]]) -> np.ndarray | None:
    """Return the phones of a text, or None if a word is not in the dictionary."""
    phones: list[int] = []
    for word in text.lower().split():
        if word not in words:
            return None
        phones += words[word]
    return np.array(phones, np.int16)


def make_row(name: str, path: str, group: str, split: str, **rest: object) -> dict:
    """Return an entry of the index, with ``path``, ``lab`` and ``trim`` for :func:`save` to take out."""
    row = dict(name=name, path=path, speaker=group, split=split, text=None, trim=True, lab=None)
    return {**row, "phones": None, "ends": None, "word_start": None, **rest}


def synthetic_rows(tsv: str) -> list[dict]:
    """List what synthesize.py made of a group."""
    folder = tsv[: -len(".tsv")]
    rows = []
    for line in open(tsv, encoding="utf8"):
        name, text = line.rstrip("\n").split("\t")
        path, lab = f"{folder}/{name}.wav", f"{folder}/{name}.lab"
        if os.path.exists(path):
            labels = lab if os.path.exists(lab) else None
            split = "test" if name.startswith("t") else "train"
            group = os.path.basename(folder)
            rows.append(make_row(name, path, group, split, text=text, trim=False, lab=labels))
    return rows


def read_transcripts(folder: str) -> dict[str, tuple[str, str]]:
    """Return speaker and text of each utterance of ``adults``."""
    path = f"{folder}/adults/transcripts.tsv"
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf8") as file:
        rows = csv.DictReader(file, delimiter="\t")
        return {row["utterance"]: (row["speaker"], row["text"]) for row in rows}


def human_rows(folder: str, group: str, words: dict[str, list[int]]) -> list[dict]:
    """List the recordings of a group of people. Of ``adults`` twelve speakers are held out."""
    transcripts = read_transcripts(folder) if group == "adults" else {}
    speakers = sorted({speaker for speaker, _ in transcripts.values()})
    held = set(speakers[::HELD_OUT_EVERY][:HELD_OUT_SPEAKERS])
    rows = []
    for path in sorted(glob.glob(f"{folder}/{group}/*")):
        name, ending = os.path.splitext(os.path.basename(path))
        if ending not in AUDIO_FILES or (group == "adults" and name not in transcripts):
            continue
        row = make_row(name, path, group, "test" if zlib.crc32(name.encode()) % 20 == 0 else "train")
        if group == "adults":
            row["speaker"], row["text"] = transcripts[name]
            row["split"] = "test" if row["speaker"] in held else "train"
        if group == "commands" and name.startswith("word_"):
            row["text"] = name.split("_")[1].replace("-", " ")
        if row["text"] is not None:
            row["phones"] = pronounce(row["text"], words)
        rows.append(row)
    return rows


def save(group: str, rows: list[dict], out: str, pool) -> None:
    """Read a group's clips and write its file."""
    begin = time.time()
    index, audio, position = [], [], 0
    jobs = [(row.pop("path"), row.pop("trim")) for row in rows]
    for row, samples in zip(rows, pool.imap(read, jobs, 8)):
        lab = row.pop("lab")
        if samples is None:
            continue
        if lab is not None:
            try:
                row["phones"], row["ends"], row["word_start"] = read_labels(lab, row["text"])
            except (KeyError, ValueError, IndexError) as error:
                print(f"{lab}: {error!r}")
                continue
        row.update(group=group, start=position, length=len(samples))
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
    parser.add_argument("--raw", required=True)
    parser.add_argument("--human", default="")
    parser.add_argument("--cmudict", default="")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()

    os.makedirs(args.out, exist_ok=True)
    words = read_dictionary(args.cmudict)
    begin = time.time()
    with Pool(os.cpu_count()) as pool:
        for tsv in sorted(glob.glob(f"{args.raw}/*.tsv")):
            save(os.path.basename(tsv)[: -len(".tsv")], synthetic_rows(tsv), args.out, pool)
        if args.human:
            for group in HUMAN_GROUPS:
                save(group, human_rows(args.human, group, words), args.out, pool)
    print(f"{time.time() - begin:.1f} s")


if __name__ == "__main__":
    main()
