"""The teacher's view of the packed groups: audio and labels on the device, rows by kind."""

import glob
import os
import random
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from align import Alignment
from models.teacher import SILENCE, phone_classes

SAMPLE_RATE = 24000
LABEL_SAMPLES = 120
"""Samples a label stands for: finer than a frame, so that windows may start anywhere."""
_TAIL_SECONDS = 10
_MIN_SECONDS = 0.3


@dataclass
class Row:
    """A recording with phones. `start` and `length` are samples of the joined audio."""

    group: str
    text: str | None
    start: int
    length: int
    phones: np.ndarray
    word_start: np.ndarray | None
    ends: np.ndarray | None

    @property
    def classes(self) -> Tensor:
        """CTC target: the phones without pauses."""
        classes = phone_classes(torch.from_numpy(self.phones))
        return classes[classes != SILENCE]

    def packed(self) -> dict:
        """The row as the packed index has it."""
        return vars(self)


def label_track(phones: np.ndarray, ends: np.ndarray, length: int) -> Tensor:
    """Class of every 120 samples of a recording of `length` samples, int8.

    >>> label_track(np.array([1, 5]), np.array([0.01, 0.02]), 480).tolist()
    [0, 0, 1, 1]
    """
    times = (torch.arange(-(-length // LABEL_SAMPLES)) + 0.5) * (LABEL_SAMPLES / SAMPLE_RATE)
    edges = torch.from_numpy(np.asarray(ends, np.float32)).contiguous()
    classes = phone_classes(torch.from_numpy(np.asarray(phones)))
    return classes[torch.searchsorted(edges, times).clamp_max(len(classes) - 1)].to(torch.int8)


class TeacherData:
    """Loads every group of a folder that has phones.

    Attributes:
        audio: [N] int16, all groups and 10 s of silence after them.
        labels: int8 tracks, those of people at the end.
        synthetic: [R, 3] start, length and first label of each training row with labels.
        aligned: The same for people, or None until `set_aligned`.
        people: Training rows without frame labels.
        test: Held-out rows.
    """

    def __init__(self, folder: str, device: str, max_seconds: float) -> None:
        self.device = device
        longest = int(max_seconds * SAMPLE_RATE)
        pieces, tracks, spans, rows = [], [], [], []
        self.people: list[Row] = []
        self.test: list[Row] = []
        offset = num_labels = 0
        for path in sorted(glob.glob(f"{folder}/*.pt")):
            group = os.path.basename(path)[:-3]
            packed = torch.load(path, weights_only=False)
            counts = [0, 0, 0]
            for r in packed["index"]:
                if r.get("phones") is None or r["length"] < _MIN_SECONDS * SAMPLE_RATE:
                    continue
                ends = r.get("ends")
                words = r.get("word_start")
                start, length = r["start"] + offset, r["length"]
                row = Row(group, r.get("text"), start, length, r["phones"], words, ends)
                if r["split"] == "test":
                    self.test.append(row)
                    counts[2] += 1
                    continue
                if ends is None:
                    # at least one frame a phone
                    if row.length <= longest and 0 < len(row.classes) < row.length // 480:
                        self.people.append(row)
                        counts[1] += 1
                    continue
                track = label_track(row.phones, ends, row.length)
                tracks.append(track)
                spans.append((row.start, row.length, num_labels))
                num_labels += len(track)
                counts[0] += 1
                if row.length <= longest:
                    rows.append(row)
            if any(counts):
                pieces.append(packed["audio"])
                offset += len(packed["audio"])
                frames, people, held = counts
                print(f"{group}: {frames} with frames, {people} without, {held} held out", flush=True)
        if not spans:
            raise ValueError(f"{folder} holds no group with frame labels")
        pieces.append(torch.zeros(_TAIL_SECONDS * SAMPLE_RATE, dtype=torch.int16))
        self.audio = torch.cat(pieces).to(device)
        space = sum(-(-row.length // LABEL_SAMPLES) for row in self.people)
        self.labels = torch.cat([*tracks, torch.zeros(space, dtype=torch.int8)]).to(device)
        self._first_human = num_labels
        self.synthetic = torch.tensor(spans, device=device)
        self.aligned: Tensor | None = None
        # drawn by neighbourhood, so that a batch needs little padding
        self._utterances = (
            sorted(self.people, key=lambda row: row.length),
            sorted(rows, key=lambda row: row.length),
        )

    def draw_utterances(self, rng: random.Random, size: int, synthetic_share: float) -> list[Row]:
        """Whole training utterances of similar length, of people or, with `synthetic_share`, not."""
        rows = self._utterances[1 if rng.random() < synthetic_share else 0]
        if not rows:
            rows = self._utterances[0] or self._utterances[1]
        if len(rows) <= size:
            return rows
        window = min(4 * size, len(rows))
        # past both ends too, or the shortest and the longest would seldom be drawn
        first = rng.randint(-window // 2, len(rows) - window // 2)
        first = min(max(first, 0), len(rows) - window)
        return rng.sample(rows[first : first + window], size)

    def set_aligned(self, found: list[tuple[Row, Alignment]]) -> int:
        """Take alignments of people as frame labels from now on; return how many there are."""
        spans, tracks, position = [], [], self._first_human
        for row, alignment in found:
            track = label_track(alignment.phones, alignment.ends, row.length)
            tracks.append(track)
            spans.append((row.start, row.length, position))
            position += len(track)
        if spans:
            self.labels[self._first_human : position] = torch.cat(tracks).to(self.device)
            self.aligned = torch.tensor(spans, device=self.device)
        return len(spans)
