"""Figures of a teacher on held-out recordings, as a short table.

    python evaluate_teacher.py --data /tmp/data --teacher /tmp/ckpt/teacher.pt
"""

import argparse

import numpy as np
import torch
from torch import Tensor

from align import align_rows, load_teacher
from models.teacher import BLANK, FIRST_PHONE, Teacher
from teacher_data import Row, TeacherData, label_track

MAX_ROWS = 150
_MAX_SECONDS = 12.0


def edit_distance(a: list[int], b: list[int]) -> int:
    """Insertions, deletions and substitutions from one sequence to the other.

    >>> edit_distance([1, 2, 3], [1, 3, 3, 4])
    2
    """
    costs = list(range(len(b) + 1))
    for i, x in enumerate(a):
        row = [i + 1]
        for j, y in enumerate(b):
            row.append(min(costs[j] + (x != y), costs[j + 1] + 1, row[j] + 1))
        costs = row
    return costs[-1]


@torch.no_grad()
def _group_figures(teacher: Teacher, audio: Tensor, rows: list[Row]) -> tuple[float, float]:
    """Phone error rate, and frame accuracy (nan without frame labels)."""
    errors = phones = right = frames = 0
    for row in rows:
        num_frames = row.length // 480
        x = audio[row.start : row.start + num_frames * 480].float()[None] / 32768
        with torch.autocast(x.device.type, torch.bfloat16, enabled=x.is_cuda):
            frame_logits, ctc_logits = teacher(teacher.log_mel(x))
        best = ctc_logits[0].argmax(-1).unique_consecutive()
        errors += edit_distance(row.classes.tolist(), best[best != BLANK].tolist())
        phones += len(row.classes)
        if row.ends is not None:
            track = label_track(row.phones, row.ends, row.length)
            labels = track[torch.arange(num_frames) * 4 + 2].long()
            right += (frame_logits[0].argmax(-1).cpu() == labels).sum().item()
            frames += num_frames
    return errors / max(1, phones), right / frames if frames else float("nan")


def _boundary_errors(teacher: Teacher, audio: Tensor, rows: list[Row]) -> np.ndarray:
    """Distances in ms of the aligner's phone ends from the synthesizer's."""
    rows = [row for row in rows if row.ends is not None]
    found = align_rows(teacher, audio, [row.packed() for row in rows])
    errors = []
    for row, alignment in zip(rows, found):
        if alignment is not None:
            ours = alignment.ends[alignment.phones >= FIRST_PHONE]
            errors.append(np.abs(ours - row.ends[row.phones >= FIRST_PHONE]) * 1000)
    return np.concatenate(errors) if errors else np.zeros(0)


def evaluate(teacher: Teacher, data: TeacherData) -> None:
    """Print frame accuracy, phone error rate and boundary errors of each group's held-out rows."""
    print("held out     clips  frames right  phone errors  boundary error, ms (median, 90 %)")
    for group in sorted({row.group for row in data.test}):
        rows = [row for row in data.test if row.group == group and row.length < _MAX_SECONDS * 24000]
        rows = rows[:MAX_ROWS]
        phone_errors, accuracy = _group_figures(teacher, data.audio, rows)
        line = f"{group:<12} {len(rows):>5}  {accuracy:>12.3f}  {phone_errors:>12.3f}"
        boundary = _boundary_errors(teacher, data.audio, rows)
        if len(boundary):
            middle, high = np.percentile(boundary, (50, 90))
            line += f"  {middle:.1f}, {high:.1f}"
        print(line, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", default="/tmp/data")
    parser.add_argument("--teacher", default="/tmp/ckpt/teacher.pt")
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    evaluate(load_teacher(args.teacher, device), TeacherData(args.data, device, 6.0))


if __name__ == "__main__":
    main()
