"""Train the language model on the tokens of every voice.

    python train_lm.py --data /tmp/data --out /tmp/ckpt/language_model.pt --seconds 240

Needs ``latents.pt`` and ``tokens.pt``, or ``--tokens`` with files of run/pack_rest.py. A window is 256 steps
of one voice's utterances, joined; each utterance is a sentence to the text encoder, while the recurrent
state and the last token go on over its end, as they do in synthesis. Windows begin with the voice's
learned state.
"""

import argparse
import inspect
import random

import torch
import torch.nn.functional as F

from models.language_model import LanguageModel
from phones import PHONES
from speech_data import GAP, VOICES, choose_voices, dwell_times, load_items, load_tokens, pointers
from speech_trainer import SpeechTrainer, device, parse_arguments

WINDOW = 256
MAX_PHONES = 320
CONTEXT = 16  # phones before a window, which the text encoder sees
AT_START = 0.6  # share of the windows that begin with an utterance
CORRUPTED = 0.08
ORDERS = 3  # shuffles of a voice's utterances that are laid out
SIZES = ("dim", "encoder_blocks", "layers", "heads", "key_dim", "value_dim", "hidden")


class Streams:
    """Every voice's utterances in a row, as arrays over steps and arrays over phones."""

    def __init__(self, items: list[dict], tokens: list[torch.Tensor], start_token: int) -> None:
        steps: dict[str, list[torch.Tensor]] = {k: [] for k in ("token", "pointer", "dwell", "advance")}
        phones, word_start, ranges, starts, at, phone_at = [], [], [], [], 0, GAP
        phones.append(torch.zeros(GAP, dtype=torch.long))
        word_start.append(torch.zeros(GAP, dtype=torch.long))
        generator = random.Random(1)
        gap = torch.zeros(GAP, dtype=torch.long)
        for voice in VOICES:
            rows = [i for i, item in enumerate(items) if item["group"] == voice["group"]]
            paths = {i: self.walk(items[i], tokens[i]) for i in rows}
            first, found = at, []
            for _ in range(ORDERS):
                generator.shuffle(rows)
                for i in rows:
                    path, dwell, advance = paths[i]
                    found.append(at)
                    steps["token"].append(tokens[i])
                    steps["pointer"].append(path + phone_at)
                    steps["dwell"].append(dwell)
                    steps["advance"].append(advance)
                    phones += [items[i]["phones"], gap]
                    word_start += [items[i]["word_start"], gap]
                    at += len(path)
                    phone_at += len(items[i]["phones"]) + GAP
            found = [s for s in found if s + WINDOW <= at]
            ranges.append((first, max(1, at - WINDOW - first), bool(found)))
            starts.append(torch.tensor(found or [first]))
        self.steps = {k: F.pad(torch.cat(v).long(), (0, WINDOW)).to(device) for k, v in steps.items()}
        self.phones = F.pad(torch.cat(phones), (CONTEXT, MAX_PHONES)).to(device)
        self.word_start = F.pad(torch.cat(word_start), (CONTEXT, MAX_PHONES)).to(device)
        self.first = torch.tensor([r[0] for r in ranges], device=device)
        self.room = torch.tensor([r[1] for r in ranges], device=device)
        shares = [voice["share"] * r[2] for voice, r in zip(VOICES, ranges)]
        self.shares = torch.tensor(shares, device=device)
        self.num_starts = torch.tensor([len(s) for s in starts], device=device)
        self.starts = torch.nn.utils.rnn.pad_sequence(starts, batch_first=True).to(device)
        self.is_start = torch.zeros(at + WINDOW, dtype=torch.bool, device=device)
        for found in starts:
            self.is_start[found.to(device)] = True
        self.start_token = start_token

    @staticmethod
    def walk(item: dict, tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The pointer at each token of an utterance, the steps it stood there, and how far it goes next."""
        path = pointers(item["ends"], len(tokens))
        after = torch.cat([path[1:], torch.tensor([len(item["phones"])])])
        return path, dwell_times(path), after - path

    def draw(self, size: int) -> dict[str, torch.Tensor]:
        """Return a batch of windows, by the names of the arguments of ``LanguageModel.forward``."""
        voice = choose_voices(size, self.shares)
        anywhere = self.first[voice] + (torch.rand(size, device=device) * self.room[voice]).long()
        which = (torch.rand(size, device=device) * self.num_starts[voice]).long()
        joins = torch.rand(size, device=device) < AT_START
        start = torch.where(joins, self.starts[voice, which], anywhere)
        index = start[:, None] + torch.arange(WINDOW, device=device)
        window = {name: values[index] for name, values in self.steps.items()}
        before = self.steps["token"][(index - 1).clamp_min(0)]
        wrong = torch.randint(0, self.start_token, before.shape, device=device)
        before = torch.where(torch.rand(before.shape, device=device) < CORRUPTED, wrong, before)
        before[:, 0] = torch.where(self.is_start[start], self.start_token, before[:, 0])
        # phones are shifted by CONTEXT, so this is the phone CONTEXT before the first of the window
        base = window["pointer"][:, :1]
        phone_index = base + torch.arange(MAX_PHONES, device=device)
        pointer = (window["pointer"] - base + CONTEXT).clamp_max(MAX_PHONES - 2)
        return {
            "phones": self.phones[phone_index],
            "word_start": self.word_start[phone_index],
            "pointers": pointer,
            "previous": before,
            "dwell": window["dwell"],
            "voice": voice,
            "tokens": window["token"],
            "advance": window["advance"],
        }


class LanguageModelTrainer(SpeechTrainer):
    """The language model's batches and losses."""

    def __init__(self, args: argparse.Namespace, items: list[dict], tokens: dict) -> None:
        sizes = {name: getattr(args, name) for name in SIZES}
        model = LanguageModel(
            cardinality=tokens["cardinality"], num_phones=len(PHONES), num_voices=len(VOICES), **sizes
        )
        super().__init__(args, model)
        count = sum(p.numel() for p in model.parameters())
        pairs = list(zip(items, tokens["tokens"]))
        train = [(i, t) for i, t in pairs if i["split"] == "train"]
        test = [(i, t) for i, t in pairs if i["split"] != "train"]
        print(f"{count / 1e6:.2f} M parameters, {len(train)} utterances, {len(test)} held out", flush=True)
        self.streams = Streams(*map(list, zip(*train)), model.start_token)
        self.test = Streams(*map(list, zip(*test)), model.start_token)
        self.batch = {name: x.clone() for name, x in self.streams.draw(args.batch).items()}

    def refill(self) -> None:
        for name, value in self.streams.draw(self.args.batch).items():
            self.batch[name].copy_(value)

    def losses(self, model: LanguageModel, batch: dict[str, torch.Tensor]) -> list[torch.Tensor]:
        """Cross-entropies of tokens and advances, and how often each is guessed."""
        inputs = {name: value for name, value in batch.items() if name != "advance"}
        with self.autocast():
            token_logits, advance_logits = model(**inputs)
        pairs = ((token_logits, batch["tokens"]), (advance_logits, batch["advance"]))
        results = [F.cross_entropy(a.float().flatten(0, 1), b.flatten()) for a, b in pairs]
        return results + [(a.argmax(-1) == b).float().mean() for a, b in pairs]

    def loss(self) -> torch.Tensor:
        token, advance, token_right, advance_right = self.losses(self.model, self.batch)
        self.stats.update(
            token=token.detach(),
            advance=advance.detach(),
            token_accuracy=token_right,
            advance_accuracy=advance_right,
        )
        return token + 0.5 * advance

    @torch.no_grad()
    def evaluate(self, batches: int) -> None:
        """Print the losses of the averaged weights on utterances that were held out."""
        if not self.test.shares.sum() > 0:
            return
        rows = [torch.stack(self.losses(self.ema, self.test.draw(self.args.batch))) for _ in range(batches)]
        means = torch.stack(rows).mean(0).tolist()
        values = " ".join(f"{v:.4f}" for v in means)
        print(f"held out: token, advance, accuracies {values}", flush=True)
        return means[0] + 0.5 * means[1]


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tokens", nargs="*", default=[], help="files of run/pack_rest.py instead of --data")
    parameters = inspect.signature(LanguageModel).parameters
    for name in SIZES:
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=parameters[name].default)


def main() -> None:
    out = "/tmp/ckpt/language_model.pt"
    args = parse_arguments(__doc__, out, seconds=240, batch=48, rate=1e-3, add=add_options)
    if args.tokens:
        tokens = load_tokens(args.tokens)
        items = tokens["items"]
    else:
        items = load_items(f"{args.data}/latents.pt")["items"]
        tokens = torch.load(f"{args.data}/tokens.pt", weights_only=False)
    trainer = LanguageModelTrainer(args, items, tokens)
    del items, tokens
    trainer.train()
    trainer.evaluate(1 if args.max_steps else 8)


if __name__ == "__main__":
    main()
