"""Train the tables by which token files are entropy-coded (docs/lnt-format.md says how they are used).

    python train_code_tables.py --tokens rvq.npz --out ../models/codec/rvq.tables

``--tokens`` is a file as examples/tokens-to-npz.ts writes it: ``codes`` [T, K] of all recordings one after the other and
``offsets`` [N + 1], where each begins. A fifth of the recordings is held out, and the cost of their codes is printed.

The probability of a code is that of a log-linear model: a score of the code by itself, and one for each code before it
that is looked at (its contexts), added and raised to a power of two. Contexts are first learnt as vectors of RANK
numbers, then put into classes by k-means over the scores that they give, so that the tables stay small. Scores are stored
in sixteenths of a bit.
"""

import argparse
import math
import struct
import time

import numpy as np
import torch

RANK = 32
BATCH = 2048
UNIT = 16
NONE_WEIGHT = 0.1


def contexts_of(level: int, num_levels: int) -> list[tuple[int, int]]:
    """Return the codes that a code of ``level`` is predicted from, as pairs of level and frames back."""
    if num_levels == 1:
        return [(0, 1), (0, 2)]
    if level == 0:
        return [(0, 1), (1, 1), (0, 2)]
    pairs = [(level, 1), (level - 1, 0)]
    if level == 1:
        pairs.append((0, 1))
    if level > 1:
        pairs.append((0, 0))
    if level > 2:
        pairs.append((level - 2, 0))
    return pairs


def look_back(codes: torch.Tensor, places: torch.Tensor, pair: tuple[int, int], size: int) -> torch.Tensor:
    """Return the code of a context for each frame, ``size`` where there is none."""
    level, back = pair
    if back == 0:
        return codes[:, level].clone()
    seen = torch.full((len(codes),), size)
    seen[back:] = codes[:-back, level]
    seen[places < back] = size
    return seen


def cluster(points: np.ndarray, weights: np.ndarray, count: int) -> np.ndarray:
    """Return the class of each point by weighted k-means."""
    rng = np.random.default_rng(1)
    centres = points[rng.choice(len(points), count, replace=False, p=weights / weights.sum())]
    for _ in range(25):
        distances = (centres**2).sum(1)[None] - 2 * points @ centres.T
        classes = distances.argmin(1)
        for index in range(count):
            members = classes == index
            if members.any():
                share = weights[members, None]
                centres[index] = (points[members] * share).sum(0) / share.sum()
            else:
                centres[index] = points[rng.integers(len(points))]
    return classes


def train_level(codes, places, level, size, args, train, held):
    """Return contexts, classes, scores and biases of a level, and its cost in bits."""
    torch.manual_seed(args.seed)
    pairs = contexts_of(level, codes.shape[1])
    seen = [look_back(codes, places, pair, size) for pair in pairs]
    wanted = codes[:, level]
    vectors = [torch.nn.Embedding(size + 1, RANK) for _ in pairs]
    for vector in vectors:
        torch.nn.init.normal_(vector.weight, std=0.1)
    out = torch.nn.Linear(RANK, size)
    counts = torch.bincount(wanted[train], minlength=size).float() + 0.5
    out.bias.data = (counts / counts.sum()).log()
    parameters = [*out.parameters(), *(p for vector in vectors for p in vector.parameters())]
    fit(lambda i: out(sum(v(s[i]) for v, s in zip(vectors, seen))), parameters, wanted, train, args.epochs, 5e-3, 0.05)
    weight = out.weight.detach()
    # distances between vectors are those between the scores that they give
    metric = torch.linalg.cholesky(weight.T @ weight / size + 1e-6 * torch.eye(RANK))
    classes, scores = [], []
    count = args.first_classes if level == 0 else args.classes
    for vector, codes_seen in zip(vectors, seen):
        points = vector.weight.detach()
        share = np.bincount(codes_seen[train].numpy(), minlength=size + 1) + NONE_WEIGHT
        found = torch.from_numpy(cluster((points @ metric).numpy(), share, count))
        share = torch.from_numpy(share).float()
        total = torch.zeros(count).index_add_(0, found, share)
        means = torch.zeros(count, RANK).index_add_(0, found, points * share[:, None]) / total.clamp(min=1e-6)[:, None]
        classes.append(found)
        scores.append(torch.nn.Parameter(means @ weight.T))
    bias = torch.nn.Parameter(out.bias.detach().clone())
    of_class = [found[s] for found, s in zip(classes, seen)]
    if level == 0:
        # where contexts say much, classes lose some of it, which the scores win back in part; elsewhere they overfit
        fit(lambda i: bias + sum(t[c[i]] for t, c in zip(scores, of_class)), [bias, *scores], wanted, train,
            args.epochs / 4, 1e-2, 0.02)
    with torch.no_grad():
        # what all codes have in common says nothing
        scores = [(t - t.mean(1, keepdim=True)) * UNIT / math.log(2) for t in scores]
        scores = [t.round().clamp(-128, 127) for t in scores]
        bias = (bias * UNIT / math.log(2)).round()
        bits = 0.0
        for part in held.split(8192):
            logits = (bias + sum(t[c[part]] for t, c in zip(scores, of_class))) * math.log(2) / UNIT
            bits += torch.nn.functional.cross_entropy(logits, wanted[part], reduction="sum").item() / math.log(2)
        plain = torch.nn.functional.cross_entropy(counts.log().expand(len(held), -1), wanted[held]).item() / math.log(2)
    return pairs, classes, scores, bias, bits / len(held), plain


def fit(model, parameters, wanted, train, epochs, rate, decay) -> None:
    """Minimise the cost of ``wanted`` by AdamW with one cycle of the rate."""
    steps = int(epochs * len(train) / BATCH)
    optimizer = torch.optim.AdamW(parameters, lr=rate, weight_decay=decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
    for _ in range(steps):
        part = train[torch.randint(len(train), (BATCH,))]
        loss = torch.nn.functional.cross_entropy(model(part), wanted[part])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tokens", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--size", type=int, default=1024, help="entries of each codebook")
    parser.add_argument("--classes", type=int, default=64, help="classes of each context, at most 256")
    parser.add_argument("--first-classes", type=int, default=128, help="the same of level 0")
    parser.add_argument("--epochs", type=float, default=4)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(1)
    data = np.load(args.tokens)
    codes = torch.from_numpy(data["codes"].astype(np.int64))
    offsets = data["offsets"].astype(np.int64)
    num_recordings = len(offsets) - 1
    is_held = np.random.default_rng(0).random(num_recordings) < 0.2
    places = np.concatenate([np.arange(b - a) for a, b in zip(offsets[:-1], offsets[1:])])
    held_frames = np.concatenate([np.full(b - a, h) for a, b, h in zip(offsets[:-1], offsets[1:], is_held)])
    train = torch.from_numpy(np.flatnonzero(~held_frames))
    held = torch.from_numpy(np.flatnonzero(held_frames))
    places = torch.from_numpy(places)
    num_levels = codes.shape[1]
    print(f"{num_recordings} recordings, {len(train)} frames to train, {len(held)} held out", flush=True)
    began = time.time()
    parts = [b"LNTT", struct.pack("<BB", 1, num_levels), struct.pack("<I", args.size) * num_levels]
    total = 0.0
    for level in range(num_levels):
        pairs, classes, scores, bias, bits, plain = train_level(
            codes, places, level, args.size, args, train, held
        )
        total += bits
        print(f"level {level}: {bits:.3f} bits, by itself {plain:.3f}, {time.time() - began:.0f} s", flush=True)
        parts.append(bytes([len(pairs)]))
        parts.append(bias.numpy().astype("<i2").tobytes())
        for pair, found, table in zip(pairs, classes, scores):
            parts.append(struct.pack("<BBH", *pair, len(table)))
            parts.append(found.numpy().astype(np.uint8).tobytes())
            parts.append(table.numpy().astype(np.int8).tobytes())
    with open(args.out, "wb") as file:
        file.write(b"".join(parts))
    bits = num_levels * math.log2(args.size)
    print(f"{total:.2f} bits a frame instead of {bits:.0f}: {100 * (1 - total / bits):.1f} % less")


if __name__ == "__main__":
    main()
