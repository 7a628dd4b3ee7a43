"""Train the tokenizer on the frozen codec's latents, then write the tokens of every utterance.

    python train_tokenizer.py --data /tmp/data --out /tmp/ckpt/tokenizer.pt --seconds 45

Needs ``latents.pt`` of encode_latents.py. One token is asked for what is said (the phone, and
Whisper's features) as well as for how it sounds (the latents). Writes ``tokens.pt`` beside the
latents: a list of int16 ``[K]``, in the order of their items. With ``--encode-only MODELS`` nothing is
trained: the tokens are those of the exported tokenizer.
"""

import argparse

import torch
import torch.nn.functional as F

from export_speech import load_model
from models.tokenizer import NUM_CLASSES, SemanticHeads, Tokenizer, phone_classes
from models.whisper import try_whisper
from speech_data import SAMPLES_PER_TOKEN, load_items
from speech_trainer import SpeechTrainer, device, parse_arguments

CROP = 64  # tokens
EDGE = 12  # frames at the ends of a crop for which Whisper lacks context


class TokenizerTrainer(SpeechTrainer):
    """The tokenizer's batches and losses."""

    def __init__(self, args: argparse.Namespace, latents: dict) -> None:
        model = Tokenizer()
        model.z_mean.copy_(latents["z_mean"])
        model.z_std.copy_(latents["z_std"])
        # the code begins spread over its steps
        model.enc_out.weight.data *= 3
        self.args = args
        self.whisper = try_whisper(args.distill, device)
        heads = SemanticHeads(len(model.config["levels"]), NUM_CLASSES)
        super().__init__(args, model, heads, weight_decay=0.01)
        items = [i for i in latents["items"] if i["split"] == "train" and len(i["labels"]) >= CROP]
        mean, std = latents["z_mean"], latents["z_std"]
        self.z = torch.cat([((i["z"].float() - mean) / std).half() for i in items]).to(device)
        self.labels = phone_classes(torch.cat([i["labels"] for i in items])).to(device)
        counts = torch.tensor([len(i["labels"]) for i in items])
        self.counts = counts.to(device)
        self.first = (counts.cumsum(0) - counts).to(device)
        self.weights = counts.float().to(device)
        if self.whisper:
            self.load_audio(items)
        size = args.batch
        self.x = torch.zeros(size, 2 * CROP, self.z.shape[1], device=device)
        self.y = torch.zeros(size, CROP, dtype=torch.long, device=device)
        self.audio_crop = torch.zeros(size, CROP * SAMPLES_PER_TOKEN, device=device)

    def load_audio(self, items: list[dict]) -> None:
        """Put the audio of the groups on the GPU, and note where each item's begins."""
        pieces, offsets, total = [], {}, 0
        for group in sorted({item["group"] for item in items}):
            offsets[group] = total
            pieces.append(torch.load(f"{self.args.data}/{group}.pt", weights_only=False)["audio"])
            total += len(pieces[-1])
        self.audio = F.pad(torch.cat(pieces), (0, 2 * SAMPLES_PER_TOKEN)).to(device)
        starts = [offsets[item["group"]] + item["start"] for item in items]
        self.audio_start = torch.tensor(starts, device=device)
        self.audio_length = torch.tensor([item["length"] for item in items], device=device)

    def refill(self) -> None:
        size = self.args.batch
        item = torch.multinomial(self.weights, size, replacement=True)
        room = self.counts[item] - CROP
        offset = (torch.rand(size, device=device) * (room + 1)).long().clamp_max(room)
        tokens = (self.first[item] + offset)[:, None] + torch.arange(CROP, device=device)
        frames = torch.stack([2 * tokens, 2 * tokens + 1], -1).flatten(1)
        self.x.copy_(self.z[frames])
        self.y.copy_(self.labels[tokens])
        if self.whisper:
            at = offset[:, None] * SAMPLES_PER_TOKEN
            at = at + torch.arange(CROP * SAMPLES_PER_TOKEN, device=device)
            inside = at < self.audio_length[item][:, None]
            index = (self.audio_start[item][:, None] + at).clamp_max(len(self.audio) - 1)
            self.audio_crop.copy_(self.audio[index].float() / 32768 * inside)

    def loss(self) -> torch.Tensor:
        with self.autocast():
            values, tokens = self.model.fsq(self.model.encode_scalars(self.x))
            z = self.model.decode_values(values)
            phones, features = self.helper(values)
        latent = F.smooth_l1_loss(z.float(), self.x)
        phone = F.cross_entropy(phones.float().flatten(0, 1), self.y.flatten())
        right = (phones.argmax(-1) == self.y).float().mean()
        self.stats.update(latent=latent.detach(), phone=phone.detach(), accuracy=right)
        self.tokens = tokens
        total = latent + 0.5 * phone
        if self.whisper:
            with torch.no_grad(), self.autocast():
                target = self.whisper.features(self.audio_crop).float()
            similarity = F.cosine_similarity(features.float(), target, dim=-1)
            semantic = 1 - similarity[:, EDGE:-EDGE].mean()
            self.stats["semantic"] = semantic.detach()
            total = total + semantic
        return total

    def report(self, elapsed: float, step_ms: float) -> None:
        shares = torch.bincount(self.tokens.flatten(), minlength=self.model.fsq.cardinality).float()
        shares = shares / shares.sum()
        self.stats["perplexity"] = torch.exp(-(shares * (shares + 1e-9).log()).sum())
        super().report(elapsed, step_ms)


@torch.no_grad()
def tokenize(model: Tokenizer, items: list[dict], batch: int = 32) -> list[torch.Tensor]:
    """Return int16 tokens ``[K]`` of every item."""
    tokens: list[torch.Tensor] = [torch.empty(0)] * len(items)
    order = sorted(range(len(items)), key=lambda i: len(items[i]["z"]))
    for first in range(0, len(order), batch):
        part = order[first : first + batch]
        z = torch.nn.utils.rnn.pad_sequence([items[i]["z"] for i in part], batch_first=True)
        ids = model.encode(z.to(device)).short().cpu()
        for i, row in zip(part, ids):
            tokens[i] = row[: len(items[i]["labels"])].clone()
    return tokens


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--distill", default="", help="Whisper's encoder, of extract_whisper.py")
    parser.add_argument("--encode-only", default="", help="folder of exported models; trains nothing")


def main() -> None:
    out = "/tmp/ckpt/tokenizer.pt"
    args = parse_arguments(__doc__, out, seconds=45, batch=48, rate=1e-3, add=add_options)
    latents = load_items(f"{args.data}/latents.pt")
    if args.encode_only:
        model = load_model("single", args.encode_only).to(device)
    else:
        trainer = TokenizerTrainer(args, latents)
        trainer.train()
        model = trainer.ema.eval()  # what is exported is the average
    tokens = tokenize(model, latents["items"])
    torch.save({"tokens": tokens, "cardinality": model.fsq.cardinality}, f"{args.data}/tokens.pt")
    used = torch.bincount(torch.cat(tokens).long(), minlength=model.fsq.cardinality)
    shares = used / used.sum()
    perplexity = torch.exp(-(shares * (shares + 1e-9).log()).sum()).item()
    print(f"{(used > 0).sum().item()} tokens in use, perplexity {perplexity:.0f}", flush=True)


if __name__ == "__main__":
    main()
