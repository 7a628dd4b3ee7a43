"""Train the fallback pronouncer on CMU's dictionary and export it.

    python train_g2p.py --dictionary cmudict.dict --out ../models/g2p --seconds 120
"""

import argparse
import json
import math
import os
import time
import zlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

from models.g2p import LETTERS, GraphemeToPhoneme, read, spell
from phones import PAUSES, PHONES

FIRST = 1 + len(PAUSES)
SOUNDS = PHONES[FIRST:]
MAX_LETTERS = 20
device = "cuda" if torch.cuda.is_available() else "cpu"


def load(path: str) -> tuple[list[tuple[list[int], list[int]]], ...]:
    """Return training and held-out pairs of letters and phones (1 is the first phone)."""
    index = {phone: i + 1 for i, phone in enumerate(SOUNDS)}
    train, held = [], []
    for line in open(path, encoding="utf-8"):
        word, _, symbols = line.split("#")[0].strip().partition(" ")
        if not word.replace("'", "").isalpha() or not word.isascii() or len(word) > MAX_LETTERS:
            continue
        phones = ["ax" if s == "AH0" else s.rstrip("012").lower() for s in symbols.split()]
        pair = (spell(word), [index[phone] for phone in phones])
        if len(pair[1]) > 3 * len(pair[0]):
            continue
        (held if zlib.crc32(word.encode()) % 50 == 0 else train).append(pair)
    return train, held


def distance(a: list[int], b: list[int]) -> int:
    """Return Levenshtein's distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a):
        previous, row[0] = row[0], i + 1
        for j, y in enumerate(b):
            previous, row[j + 1] = row[j + 1], min(previous + (x != y), row[j] + 1, row[j + 1] + 1)
    return row[-1]


@torch.no_grad()
def evaluate(model: GraphemeToPhoneme, held: list[tuple[list[int], list[int]]]) -> tuple[float, float]:
    """Return phone and word error rates."""
    errors = phones = wrong = 0
    for start in range(0, len(held), 512):
        batch = held[start : start + 512]
        letters = torch.zeros(len(batch), MAX_LETTERS, dtype=torch.long, device=device)
        for i, (word, _) in enumerate(batch):
            letters[i, : len(word)] = torch.tensor(word)
        best = model(letters).argmax(-1).tolist()
        for (word, truth), path in zip(batch, best):
            guess = read(path[: model.repeat * len(word)])
            errors += distance(truth, guess)
            wrong += truth != guess
            phones += len(truth)
    return errors / phones, wrong / len(held)


def export(model: GraphemeToPhoneme, out: str) -> None:
    """Write fp16 weights and the config."""
    os.makedirs(out, exist_ok=True)
    state = {k: v.half().cpu().contiguous() for k, v in model.state_dict().items()}
    save_file(state, f"{out}/model.safetensors")
    with open(f"{out}/config.json", "w") as file:
        config = {**model.config, "maxLetters": MAX_LETTERS, "letters": LETTERS, "sounds": list(SOUNDS)}
        json.dump(config, file, indent=2)
        file.write("\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--dictionary", required=True)
    parser.add_argument("--out", default="../models/g2p")
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=2e-3)
    args = parser.parse_args()
    torch.manual_seed(0)
    train, held = load(args.dictionary)
    letters = torch.zeros(len(train), MAX_LETTERS, dtype=torch.long)
    longest = max(len(phones) for _, phones in train)
    targets = torch.zeros(len(train), longest, dtype=torch.long)
    lengths = torch.tensor([[len(word), len(phones)] for word, phones in train])
    for i, (word, phones) in enumerate(train):
        letters[i, : len(word)] = torch.tensor(word)
        targets[i, : len(phones)] = torch.tensor(phones)
    letters, targets, lengths = letters.to(device), targets.to(device), lengths.to(device)
    model = GraphemeToPhoneme(len(SOUNDS)).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=args.rate, weight_decay=0.02)
    begin, step = time.time(), 0
    while (elapsed := time.time() - begin) < args.seconds:
        done = elapsed / args.seconds
        rate = args.rate * min(1, (step + 1) / 200) * (0.5 + 0.5 * math.cos(math.pi * done))
        optimizer.param_groups[0]["lr"] = rate
        k = torch.randint(0, len(train), (args.batch,), device=device)
        x = letters[k]
        # a few letters are hidden, so that the rest of the word counts too
        x = x * (torch.rand(x.shape, device=device) > 0.02)
        log_probabilities = F.log_softmax(model(x).float(), -1).transpose(0, 1)
        loss = F.ctc_loss(
            log_probabilities, targets[k], lengths[k, 0] * model.repeat, lengths[k, 1], zero_infinity=True
        )
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 500 == 0:
            print(f"{step} {elapsed:.0f}s loss {loss.item():.3f}", flush=True)
    model.eval()
    phone_errors, word_errors = evaluate(model, held)
    size = sum(p.numel() for p in model.parameters()) / 1e6
    print(f"{size:.2f} M, {step} steps, held-out words {len(held)}: PER {phone_errors:.4f} WER {word_errors:.4f}")
    export(model, args.out)


if __name__ == "__main__":
    main()
