"""How well phones can be read off the first level of exported codecs, on sentences the probe has not heard.

    python probe_phones.py --data /tmp/data --codecs ../models/codec /tmp/before/codec --minutes 20

Needs the packed speech of teacher/synth_kokoro.py, with the ends of its phones. For each codec a network with
one hidden layer learns the class of a frame's phone from the frame's first code vector and those of two
frames on either side, on four fifths of the sentences; printed is the share of the other frames that it
misses. Codecs see the same clips, and each probe begins with the same weights. On a CPU.
"""

import argparse
import glob
import json
import os

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from export_speech import python_case
from models.codec import FRAME_SIZE, SAMPLE_RATE, Codec
from models.tokenizer import NUM_CLASSES, phone_classes

CONTEXT = 2  # frames on either side
HELD_OUT = 5  # every so many sentences
HIDDEN = 256
BATCH = 512


def load_codec(folder: str) -> Codec:
    """Read exported weights of any size, in float32."""
    with open(os.path.join(folder, "config.json")) as file:
        options = {python_case(key): value for key, value in json.load(file).items()}
    wanted = Codec().config
    # codecs from before the decoder looked ahead do not say so
    codec = Codec(**{key: options.get(key, 0 if key == "dec_lookahead" else None) for key in wanted})
    weights = load_file(os.path.join(folder, "model.safetensors"))
    codec.load_state_dict({key: value.float() for key, value in weights.items()})
    return codec.eval().requires_grad_(False)


def read_clips(folder: str, minutes: float) -> list[dict]:
    """Choose clips with phones from every group in turn: ``audio`` ``[N]``, ``text``, ``phones``, ``ends``."""
    groups = []
    for path in sorted(glob.glob(f"{folder}/*.pt")):
        packed = torch.load(path, weights_only=False)
        if not isinstance(packed, dict) or "audio" not in packed:
            continue
        rows = [row for row in packed["index"] if row.get("phones") is not None]
        groups.append([{**row, "audio": packed["audio"]} for row in rows])
    chosen, total = [], 0
    for index in range(max(map(len, groups), default=0)):
        for rows in groups:
            if index < len(rows) and total < minutes * 60 * SAMPLE_RATE:
                row = rows[index]
                whole = row["length"] // FRAME_SIZE * FRAME_SIZE
                audio = row["audio"][row["start"] : row["start"] + whole].float() / 32768
                chosen.append({**row, "audio": audio})
                total += whole
    return chosen


def frame_labels(clip: dict) -> Tensor:
    """Class of the phone in the middle of what each frame's newest spectra see, ``[T]``."""
    times = torch.arange(len(clip["audio"]) // FRAME_SIZE) * FRAME_SIZE / SAMPLE_RATE
    ends = torch.as_tensor(clip["ends"]).float().contiguous()
    found = torch.searchsorted(ends, times, right=True).clamp_max(len(ends) - 1)
    return phone_classes(torch.as_tensor(clip["phones"]).long()[found])


@torch.no_grad()
def first_level(codec: Codec, audio: Tensor) -> Tensor:
    """Code vectors of level 1 with those around them, ``[T, (2 * CONTEXT + 1) * latent_dim]``."""
    vectors = codec.vq[0](codec.encode_latents(audio[None]))[0][0]
    padded = F.pad(vectors, (0, 0, CONTEXT, CONTEXT))
    return padded.unfold(0, 2 * CONTEXT + 1, 1).flatten(1)


def train_probe(x: Tensor, y: Tensor, epochs: int) -> nn.Module:
    """Train a probe on frames ``x`` ``[N, C]`` of classes ``y`` ``[N]``."""
    torch.manual_seed(0)
    probe = nn.Sequential(nn.Linear(x.shape[1], HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, NUM_CLASSES))
    optimizer = torch.optim.Adam(probe.parameters(), 1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(BATCH):
            loss = F.cross_entropy(probe(x[rows]), y[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    return probe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", default="/tmp/data")
    parser.add_argument("--codecs", nargs="+", default=["../models/codec"])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--epochs", type=int, default=20)
    args = parser.parse_args()
    clips = read_clips(args.data, args.minutes)
    texts = sorted({clip["text"] for clip in clips})
    held = set(texts[::HELD_OUT])
    if len(held) == len(texts):
        raise SystemExit(f"--data {args.data} has {len(texts)} sentences with phones; at least 2 are needed")
    labels = [frame_labels(clip) for clip in clips]
    is_held = torch.cat([torch.full_like(y, clip["text"] in held) for clip, y in zip(clips, labels)]).bool()
    y = torch.cat(labels)
    print(f"{len(y) * FRAME_SIZE / SAMPLE_RATE / 60:.1f} min, {len(texts)} sentences, {len(held)} of them held out")
    common = y[~is_held].bincount(minlength=NUM_CLASSES).argmax()
    print(f"always the commonest class: {(y[is_held] != common).float().mean():.3f} of held-out frames wrong")
    for folder in args.codecs:
        codec = load_codec(folder)
        x = torch.cat([first_level(codec, clip["audio"]) for clip in clips])
        mean, std = x[~is_held].mean(0), x[~is_held].std(0).clamp_min(1e-5)
        x = (x - mean) / std
        probe = train_probe(x[~is_held], y[~is_held], args.epochs)
        with torch.no_grad():
            wrong = (probe(x).argmax(1) != y).float()
        print(f"{folder}: {wrong[is_held].mean():.3f} of held-out frames wrong ({wrong[~is_held].mean():.3f} in training)")


if __name__ == "__main__":
    main()
