"""Forced alignment: the Viterbi path of known phones through the teacher's frame posteriors.

Each phone lasts one frame or more. Wherever a word starts, and at both ends, a pause may be found
or not. Recordings of one packed group, or of a folder of WAV files each with a text file beside it:

    python align.py --teacher /tmp/ckpt/teacher.pt --group /tmp/data/adults.pt --out /tmp/lab/adults
    python align.py --teacher /tmp/ckpt/teacher.pt --folder clips --dictionary cmudict.dict --out lab

Every line of the .lab files written is ``end_seconds phone word_start``, as the synthesizers' are.
"""

import argparse
import os
import re
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from models.teacher import FIRST_PHONE, SAMPLES_PER_FRAME, Teacher, phone_classes
from phones import PHONES

FRAME_SECONDS = 0.02
SAMPLE_RATE = 24000
PAUSE = 1
_ENDS = {".": 2, "?": 3, "!": 4}
_IMPOSSIBLE = -1e9


@dataclass
class Alignment:
    """Phones [S] with the times [S] in seconds at which they end, and 1 where a word starts."""

    phones: np.ndarray
    ends: np.ndarray
    word_start: np.ndarray
    score: float
    """Mean log posterior of a frame along the path: low where the text is not what was said."""


@dataclass
class States:
    """What may be said, as states to be passed from left to right."""

    phones: np.ndarray
    word_start: np.ndarray
    optional: np.ndarray


def make_states(
    phones: np.ndarray, word_start: np.ndarray | None, last_pause: int = PAUSE
) -> States:
    """Put an optional pause before every word and at the end; pauses that are there go.

    >>> states = make_states(np.array([1, 21, 16, 5, 2]), np.array([0, 1, 0, 1, 0]))
    >>> states.phones.tolist(), states.word_start.tolist()
    ([1, 21, 16, 1, 5, 1], [0, 1, 0, 0, 1, 0])
    >>> states.optional.tolist()
    [True, False, False, True, False, True]

    Without `word_start` pauses are possible only at the ends and where `phones` has them.
    """
    if word_start is None:
        word_start = np.zeros(len(phones), np.uint8)
        word_start[1:] = phones[:-1] < FIRST_PHONE
    kept: list[tuple[int, int]] = [(PAUSE, 0)]
    for phone, start in zip(phones.tolist(), word_start.tolist()):
        if phone < FIRST_PHONE:
            continue
        if start and kept[-1][0] >= FIRST_PHONE:
            kept.append((PAUSE, 0))
        kept.append((phone, int(start)))
    kept.append((last_pause, 0))
    table = np.array(kept, np.int16)
    return States(table[:, 0], table[:, 1].astype(np.uint8), table[:, 0] < FIRST_PHONE)


def viterbi(scores: Tensor, optional: Tensor, num_frames: Tensor, num_states: Tensor) -> Tensor:
    """Best path from left to right through each item's states.

    Args:
        scores: [B, T, S] log probability of each state in each frame.
        optional: [B, S] bool, states that may be skipped; never two in a row.
        num_frames: [B], at least as many as there are states which are not optional.
        num_states: [B], the last is where the path ends, or the one before if the last is optional.

    Returns:
        [B, T] state of each frame; beyond an item's end, its last state.

    >>> scores = torch.full((1, 6, 4), -5.0)
    >>> for frame, state in enumerate([0, 0, 1, 1, 3, 3]):
    ...     scores[0, frame, state] = 0.0
    >>> optional = torch.tensor([[False, False, True, False]])
    >>> viterbi(scores, optional, torch.tensor([6]), torch.tensor([4])).tolist()
    [[0, 0, 1, 1, 3, 3]]
    """
    batch, frames, width = scores.shape
    device = scores.device
    # a step of two jumps over the state between
    skip = torch.zeros(batch, width, dtype=torch.bool, device=device)
    skip[:, 2:] = optional[:, 1:-1]
    skip_cost = torch.where(skip, 0.0, _IMPOSSIBLE)
    best = torch.full((batch, width + 2), _IMPOSSIBLE, device=device)
    best[:, 2] = scores[:, 0, 0]
    best[:, 3] = torch.where(optional[:, 0], scores[:, 0, 1], _IMPOSSIBLE)
    moves = torch.zeros(frames, batch, width, dtype=torch.uint8, device=device)
    at_end = [best.clone()]
    for t in range(1, frames):
        choices = torch.stack((best[:, 2:], best[:, 1:-1], best[:, :-2] + skip_cost))
        value, move = choices.max(0)
        best[:, 2:] = value + scores[:, t]
        moves[t] = move
        at_end.append(best.clone())
    rows = torch.arange(batch, device=device)
    final = torch.stack(at_end)[num_frames - 1, rows][:, 2:]
    last = num_states - 1
    before = (last - 1).clamp_min(0)
    shorter = optional[rows, last] & (final[rows, before] > final[rows, last])
    state = torch.where(shorter, before, last)
    path = torch.empty(frames, batch, dtype=torch.long, device=device)
    for t in range(frames - 1, -1, -1):
        path[t] = state
        step = moves[t, rows, state].long()
        state = torch.where(t < num_frames, state - step, state)
    return path.T


def boundaries(path: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """End times in seconds of each run of equal states in a path [T], given scores [T, S].

    Inside a step from one frame's centre to the next, the boundary is where the two states'
    interpolated scores are equal.

    >>> scores = np.array([[0.0, -4], [-1, -4], [-4, -3]])
    >>> boundaries(np.array([0, 0, 1]), scores).round(4).astype(str).tolist()
    ['0.045', '0.06']
    """
    ends = []
    for t in np.flatnonzero(path[1:] != path[:-1]):
        a, b = path[t], path[t + 1]
        before = scores[t, a] - scores[t, b]
        after = scores[t + 1, b] - scores[t + 1, a]
        share = before / (before + after) if before > 0 and after > 0 else 0.5
        ends.append((t + 0.5 + share) * FRAME_SECONDS)
    return np.array([*ends, len(path) * FRAME_SECONDS], np.float32)


@torch.no_grad()
def align(
    teacher: Teacher, audio: list[Tensor], states: list[States]
) -> list[Alignment | None]:
    """Align recordings, each [N] float32 in [-1, 1] on the teacher's device, in one batch.

    Returns None for what has fewer frames than phones.
    """
    device = audio[0].device
    num_frames = [max(1, len(x) // SAMPLES_PER_FRAME) for x in audio]
    num_states = [len(s.phones) for s in states]
    batch = torch.zeros(len(audio), max(num_frames) * SAMPLES_PER_FRAME, device=device)
    labels = torch.zeros(len(audio), max(num_states), dtype=torch.long)
    optional = torch.zeros(len(audio), max(num_states), dtype=torch.bool)
    for i, (x, s) in enumerate(zip(audio, states)):
        part = x[: batch.shape[1]]
        batch[i, : len(part)] = part
        labels[i, : num_states[i]] = phone_classes(torch.from_numpy(s.phones))
        optional[i, : num_states[i]] = torch.from_numpy(s.optional)
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        log_probs = teacher(teacher.log_mel(batch))[0].log_softmax(-1)
    width = labels.shape[1]
    index = labels.to(device)[:, None].expand(-1, log_probs.shape[1], width)
    scores = log_probs.gather(2, index)
    frames = torch.tensor(num_frames, device=device)
    path = viterbi(scores, optional.to(device), frames, torch.tensor(num_states, device=device))
    paths, tables = path.cpu().numpy(), scores.cpu().numpy()
    return [
        _label(s, paths[i, :n], tables[i, :n, : len(s.phones)])
        for i, (n, s) in enumerate(zip(num_frames, states))
    ]


def _label(states: States, path: np.ndarray, scores: np.ndarray) -> Alignment | None:
    taken = scores[np.arange(len(path)), path]
    passed = path[np.flatnonzero(np.diff(path, prepend=-1))]
    # a forbidden step shows in the states passed, and in the path's first state
    missing = np.setdiff1d(np.flatnonzero(~states.optional), passed)
    if len(missing) or not np.isfinite(taken).all():
        return None
    return Alignment(
        states.phones[passed],
        boundaries(path, scores),
        states.word_start[passed],
        float(taken.mean()),
    )


def align_rows(
    teacher: Teacher, audio: Tensor, rows: list[dict], batch: int = 64
) -> list[Alignment | None]:
    """Align rows of a packed index against their int16 audio; in the order of the rows."""
    results: list[Alignment | None] = [None] * len(rows)
    order = sorted(range(len(rows)), key=lambda i: rows[i]["length"])
    for first in range(0, len(order), batch):
        chosen = order[first : first + batch]
        clips = [
            audio[rows[i]["start"] : rows[i]["start"] + rows[i]["length"]].float() / 32768
            for i in chosen
        ]
        states = [
            make_states(
                rows[i]["phones"], rows[i].get("word_start"), final_pause(rows[i].get("text"))
            )
            for i in chosen
        ]
        for i, result in zip(chosen, align(teacher, clips, states)):
            results[i] = result
    return results


def final_pause(text: str | None) -> int:
    """Kind of pause that a text ends with.

    >>> PHONES[final_pause('Who is there?"')], PHONES[final_pause("and so")]
    ('pau?', 'pau,')
    """
    return _ENDS.get((text or "").rstrip("\"') ")[-1:], PAUSE)


def write_lab(path: str, alignment: Alignment) -> None:
    """Write one line a phone: end in seconds, phone, 1 where a word starts; any pause is ``pau``."""
    with open(path, "w", encoding="utf-8") as file:
        for phone, end, start in zip(alignment.phones, alignment.ends, alignment.word_start):
            name = "pau" if phone < FIRST_PHONE else PHONES[phone]
            file.write(f"{end:.4f} {name} {start}\n")


def load_teacher(path: str, device: str) -> Teacher:
    """A trained teacher, frozen."""
    teacher = Teacher().to(device)
    teacher.load_state_dict(torch.load(path, map_location=device, weights_only=False)["model"])
    return teacher.eval().requires_grad_(False)


def read_dictionary(path: str) -> dict[str, list[int]]:
    """First pronunciation of each word of a CMUdict file, as indices of the phone set."""
    index = {phone: i for i, phone in enumerate(PHONES)}
    words: dict[str, list[int]] = {}
    with open(path, encoding="latin-1") as file:
        for line in file:
            word, *names = line.split("#")[0].split()[:64] or [";"]
            if word.startswith(";") or word.endswith(")"):
                continue
            words[word.lower()] = [
                index["ax" if name == "AH0" else name.rstrip("012").lower()] for name in names
            ]
    return words


def _folder_rows(folder: str, dictionary: dict[str, list[int]]) -> tuple[Tensor, list[dict]]:
    import soundfile
    from scipy.signal import resample_poly

    rows, pieces, position = [], [], 0
    for file in sorted(os.listdir(folder)):
        name, extension = os.path.splitext(file)
        text_path = os.path.join(folder, f"{name}.txt")
        if extension != ".wav" or not os.path.exists(text_path):
            continue
        with open(text_path, encoding="utf-8") as text_file:
            text = text_file.read().strip()
        phones, starts = [], []
        words = re.findall(r"[a-z']+", text.lower())
        unknown = [word for word in words if word not in dictionary]
        if unknown:
            print(f"{name}: left out, not in the dictionary: {' '.join(unknown)}")
            continue
        for word in words:
            phones += dictionary[word]
            starts += [1] + [0] * (len(dictionary[word]) - 1)
        samples, rate = soundfile.read(os.path.join(folder, file), dtype="float32", always_2d=True)
        clip = resample_poly(samples.mean(1), SAMPLE_RATE, rate)
        clip = torch.from_numpy((clip * 32767).clip(-32768, 32767).astype(np.int16))
        rows.append(
            {
                "name": name,
                "text": text,
                "phones": np.array(phones, np.int16),
                "word_start": np.array(starts, np.uint8),
                "start": position,
                "length": len(clip),
            }
        )
        pieces.append(clip)
        position += len(clip)
    return (torch.cat(pieces) if pieces else torch.zeros(0, dtype=torch.int16)), rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--teacher", default="/tmp/ckpt/teacher.pt")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--group", help="packed group (.pt) whose rows have phones")
    source.add_argument("--folder", help="folder of NAME.wav and NAME.txt")
    parser.add_argument("--dictionary", help="CMUdict file, for --folder")
    parser.add_argument("--out", required=True, help="folder for NAME.lab")
    parser.add_argument("--min-score", type=float, default=-2.0, help="leave out what fits worse")
    args = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if args.folder:
        if not args.dictionary:
            parser.error("--folder needs --dictionary")
        audio, rows = _folder_rows(args.folder, read_dictionary(args.dictionary))
    else:
        packed = torch.load(args.group, weights_only=False)
        audio, rows = packed["audio"], [r for r in packed["index"] if r.get("phones") is not None]
    results = align_rows(load_teacher(args.teacher, device), audio.to(device), rows)
    os.makedirs(args.out, exist_ok=True)
    good = [(r, a) for r, a in zip(rows, results) if a is not None and a.score >= args.min_score]
    for row, alignment in good:
        write_lab(os.path.join(args.out, f"{row['name']}.lab"), alignment)
    print(f"{len(good)} of {len(rows)} aligned")


if __name__ == "__main__":
    main()
