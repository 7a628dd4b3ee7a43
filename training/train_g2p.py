"""Train the fallback pronouncer on CMU's dictionary and export it, or measure it.

    python train_g2p.py train --dictionary cmudict.dict --out ../models/g2p --seconds 120
    python train_g2p.py evaluate --dictionary cmudict.dict --model ../models/g2p
"""

import argparse
import json
import math
import os
import random
import time
import zlib
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from models.g2p import LETTERS, GraphemeToPhoneme, read, spell
from phones import PAUSES, PHONES

FIRST = 1 + len(PAUSES)
SOUNDS = PHONES[FIRST:]
MAX_LETTERS = 20
device = "cuda" if torch.cuda.is_available() else "cpu"

Pair = tuple[list[int], list[str]]


def load(path: str) -> tuple[list[Pair], list[Pair]]:
    """Return training and held-out pairs of letters and phones; every 50th word or so is held out."""
    train, held = [], []
    for line in open(path, encoding="utf-8"):
        word, _, symbols = line.split("#")[0].strip().partition(" ")
        if not word.replace("'", "").isalpha() or not word.isascii() or len(word) > MAX_LETTERS:
            continue
        pair = (spell(word), symbols.lower().split())
        if len(pair[1]) > 3 * len(pair[0]):
            continue
        (held if zlib.crc32(word.encode()) % 50 == 0 else train).append(pair)
    return train, held


def align(a: list[str], b: list[str]) -> tuple[int, list[tuple[int, int]]]:
    """Return Levenshtein's distance and the places that are equal in one of its alignments."""
    rows = [list(range(len(b) + 1))]
    for i, x in enumerate(a):
        row = [i + 1]
        for j, y in enumerate(b):
            row.append(min(rows[-1][j] + (x != y), row[j] + 1, rows[-1][j + 1] + 1))
        rows.append(row)
    i, j, equal = len(a), len(b), []
    while i and j:
        if rows[i][j] == rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]):
            i, j = i - 1, j - 1
            if a[i] == b[j]:
                equal.append((i, j))
        elif rows[i][j] == rows[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return rows[-1][-1], equal


@torch.no_grad()
def measure(model: GraphemeToPhoneme, held: list[Pair]) -> str:
    """Return a line of held-out figures."""
    errors = phones = right = stressed = whole = vowels = kept = 0
    for start in range(0, len(held), 512):
        batch = held[start : start + 512]
        letters = torch.zeros(len(batch), MAX_LETTERS, dtype=torch.long, device=device)
        for i, (word, _) in enumerate(batch):
            letters[i, : len(word)] = torch.tensor(word)
        logits = model(letters).tolist()
        for (word, truth), scores in zip(batch, logits):
            guess = read(scores[: model.repeat * len(word)], SOUNDS)
            distance, equal = align([p.rstrip("012") for p in truth], [p.rstrip("012") for p in guess])
            errors += distance
            phones += len(truth)
            right += distance == 0
            whole += guess == truth
            places = [(i, j) for i, j in equal if truth[i][-1].isdigit()]
            vowels += len(places)
            kept += sum(truth[i] == guess[j] for i, j in places)
    stressed = whole / max(1, right)
    return (
        f"{len(held)} words held out: "
        f"without stress PER {errors / phones:.4f} WER {1 - right / len(held):.4f}; "
        f"stress right in {stressed:.4f} of the words with right phones, on {kept / vowels:.4f} of the right "
        f"vowels; WER with stress {1 - whole / len(held):.4f}"
    )


def restore(folder: str) -> GraphemeToPhoneme:
    """Load an exported model. The head's rows for a phone that has stress now go to each of its stresses."""
    with open(f"{folder}/config.json") as file:
        config = json.load(file)
    names = ("dim", "blocks", "kernel", "repeat")
    model = GraphemeToPhoneme(len(SOUNDS), **{name: config[name] for name in names})
    state = {name: value.float() for name, value in load_file(f"{folder}/model.safetensors").items()}
    old = {sound: i + 1 for i, sound in enumerate(config["sounds"])}
    if list(old) != list(SOUNDS):
        # "ax" was the unstressed "ah"
        keys = ["ax" if sound == "ah0" and "ax" in old else sound for sound in SOUNDS]
        rows = [0] + [old[key] if key in old else old[key.rstrip("012")] for key in keys]
        state["head.weight"], state["head.bias"] = state["head.weight"][rows], state["head.bias"][rows]
    model.load_state_dict(state)
    return model.to(device)


def export(model: GraphemeToPhoneme, out: str) -> None:
    """Write fp16 weights and the config."""
    os.makedirs(out, exist_ok=True)
    state = {k: v.half().cpu().contiguous() for k, v in model.state_dict().items()}
    save_file(state, f"{out}/model.safetensors")
    with open(f"{out}/config.json", "w") as file:
        config = {**model.config, "maxLetters": MAX_LETTERS, "letters": LETTERS, "sounds": list(SOUNDS)}
        json.dump(config, file, indent=2)
        file.write("\n")


def batches(train: list[Pair], size: int) -> Iterator[list[Pair]]:
    """Yield batches for ever, words of like length together."""
    while True:
        order = sorted(range(len(train)), key=lambda i: len(train[i][0]) + random.random())
        groups = [order[i : i + size] for i in range(0, len(order) - size + 1, size)]
        random.shuffle(groups)
        for group in groups:
            yield [train[i] for i in group]


def fit(args: argparse.Namespace) -> None:
    """Train and export."""
    torch.manual_seed(0)
    random.seed(0)
    train, held = load(args.dictionary)
    index = {phone: i + 1 for i, phone in enumerate(SOUNDS)}
    model = restore(args.warm) if args.warm else GraphemeToPhoneme(len(SOUNDS)).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.02)
    begin, step = time.time(), 0
    for batch in batches(train, args.batch):
        elapsed = time.time() - begin
        if elapsed >= args.seconds:
            break
        done = elapsed / args.seconds
        rate = args.rate * min(1, (step + 1) / args.warm_up) * (0.5 + 0.5 * math.cos(math.pi * done))
        optimizer.param_groups[0]["lr"] = rate
        # padding beyond the reach of a word's letters changes nothing
        width = min(MAX_LETTERS, max(len(word) for word, _ in batch) + model.context)
        x = torch.zeros(len(batch), width, dtype=torch.long)
        for i, (word, _) in enumerate(batch):
            x[i, : len(word)] = torch.tensor(word)
        # a few letters are hidden, so that the rest of the word counts too
        x = (x * (torch.rand(x.shape) > 0.02)).to(device)
        targets = torch.tensor([index[phone] for _, phones in batch for phone in phones])
        frames = torch.tensor([model.repeat * len(word) for word, _ in batch])
        lengths = torch.tensor([len(phones) for _, phones in batch])
        log_probabilities = F.log_softmax(model(x).float(), -1).transpose(0, 1)
        loss = F.ctc_loss(log_probabilities, targets.to(device), frames, lengths, zero_infinity=True)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 100 == 0:
            print(f"{step} {elapsed:.0f}s loss {loss.item():.3f}", flush=True)
    model.eval()
    size = sum(p.numel() for p in model.parameters()) / 1e6
    print(f"{size:.2f} M, {step} steps; {measure(model, held)}")
    export(model, args.out)


def evaluate(args: argparse.Namespace) -> None:
    """Print the held-out figures of an exported model."""
    print(measure(restore(args.model).eval(), load(args.dictionary)[1]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("command", nargs="?", choices=("train", "evaluate"), default="train")
    parser.add_argument("--dictionary", required=True)
    parser.add_argument("--out", default="../models/g2p", help="folder of the model that is made")
    parser.add_argument("--model", default="../models/g2p", help="folder of the model that is measured")
    parser.add_argument("--warm", help="folder of an exported model to start from")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--warm-up", type=int, default=200, help="steps")
    parser.add_argument("--threads", type=int, help="of the CPU; PyTorch's choice by default")
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    if args.command == "train":
        fit(args)
    else:
        evaluate(args)


if __name__ == "__main__":
    main()
