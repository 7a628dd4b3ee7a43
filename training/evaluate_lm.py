"""Losses of exported language models on every held-out utterance.

    python evaluate_lm.py --tokens state/tokens-*.pt.xz --models ../models /tmp/models

Each utterance begins with its voice's state and follows its own tokens, none of them corrupted, in
float32: every model sees the same, and a repetition gives the same numbers. For each file of tokens it
prints the cross-entropies of token and advance, and how much token + half of advance differ from the
first model's. The files hold the same few sentences out, spoken anew by every voice, so that the standard
error of the difference is one over sentences: to every model they are new, but they are few.
"""

import argparse

import torch
import torch.nn.functional as F
from torch import Tensor

from export_speech import load_model
from models.language_model import CHUNK, LanguageModel
from speech_data import GROUPS, load_tokens
from train_lm import Streams

BATCH = 16


def make_batch(pairs: list[tuple[dict, Tensor]], start_token: int) -> dict[str, Tensor]:
    """Utterances and their tokens by the names of the arguments of ``LanguageModel.forward``.

    ``advance`` is padded with -100, which marks what does not count.
    """
    columns: dict[str, list[Tensor]] = {}
    for item, tokens in pairs:
        tokens = tokens.long()
        path, dwell, advance = Streams.walk(item, tokens)
        row = {
            "phones": item["phones"],
            "word_start": item["word_start"],
            "pointers": path,
            "previous": torch.cat([torch.tensor([start_token]), tokens[:-1]]),
            "dwell": dwell,
            "tokens": tokens,
            "advance": advance,
        }
        for name, value in row.items():
            columns.setdefault(name, []).append(value)
    steps = max(len(tokens) for tokens in columns["tokens"])
    steps = -(-steps // CHUNK) * CHUNK
    batch = {}
    for name, rows in columns.items():
        length = max(map(len, rows)) if name in ("phones", "word_start") else steps
        filler = -100 if name == "advance" else 0
        batch[name] = torch.stack([F.pad(row, (0, length - len(row)), value=filler) for row in rows])
    batch["voice"] = torch.tensor([GROUPS.index(item["group"]) for item, _ in pairs])
    return batch


@torch.no_grad()
def evaluate(model: LanguageModel, pairs: list[tuple[dict, Tensor]]) -> Tensor:
    """Sums over each utterance of the token's and the advance's loss, and its steps, ``[N, 3]``."""
    rows = []
    for first in range(0, len(pairs), BATCH):
        batch = make_batch(pairs[first : first + BATCH], model.start_token)
        advance = batch.pop("advance")
        counts = advance != -100
        token_logits, advance_logits = model(**batch)
        token = F.cross_entropy(token_logits.transpose(1, 2), batch["tokens"], reduction="none")
        moved = F.cross_entropy(advance_logits.transpose(1, 2), advance, reduction="none")
        rows.append(torch.stack([(token * counts).sum(1), moved.sum(1), counts.sum(1)], 1))
    return torch.cat(rows).double()


def report(title: str, folders: list[str], found: list[Tensor], sentences: list[tuple]) -> None:
    """Print what :func:`evaluate` found of each model on utterances of these sentences."""
    rows = {sentence: row for row, sentence in enumerate(dict.fromkeys(sentences))}
    which = torch.tensor([rows[sentence] for sentence in sentences])
    print(f"{title}: {len(sentences)} utterances of {len(rows)} sentences")
    finite = torch.stack(found).isfinite().all(2).all(0)
    steps = found[0][finite, 2]
    base = found[0][finite, 0] + 0.5 * found[0][finite, 1]
    for folder, sums in zip(folders, found):
        token, advance, _ = (sums[finite].sum(0) / steps.sum()).tolist()
        change = sums[finite, 0] + 0.5 * sums[finite, 1] - base
        ratio = change.sum() / steps.sum()
        # what each sentence adds to the ratio of sums, less its share by length
        parts = torch.zeros(len(rows)).double().index_add_(0, which[finite], change - ratio * steps)
        error = parts.square().sum().sqrt() / steps.sum()
        print(
            f"  {folder}: token {token:.4f} advance {advance:.4f} difference {ratio:+.4f} +- {error:.4f}, "
            f"{int((~sums.isfinite().all(1)).sum())} not finite",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--tokens", nargs="+", required=True, help="files of run/pack_rest.py")
    parser.add_argument("--models", nargs="+", required=True, help="folders that hold language-model/")
    args = parser.parse_args()
    models = [load_model("language-model", folder) for folder in args.models]
    sentences: list[tuple] = []
    found: list[list[Tensor]] = [[] for _ in models]
    for path in args.tokens:
        tokens = load_tokens([path])
        pairs = [p for p in zip(tokens["items"], tokens["tokens"]) if p[0]["split"] != "train"]
        pairs.sort(key=lambda pair: len(pair[1]))
        new = [tuple(item["phones"].tolist()) for item, _ in pairs]
        for rows, model in zip(found, models):
            rows.append(evaluate(model, pairs))
        report(path, args.models, [rows[-1] for rows in found], new)
        sentences += new
    if len(args.tokens) > 1:
        report("all", args.models, [torch.cat(rows) for rows in found], sentences)


if __name__ == "__main__":
    main()
