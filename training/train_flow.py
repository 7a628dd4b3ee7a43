"""Train the flow model: tokens to latents.

    python train_flow.py --data /tmp/data --out /tmp/ckpt/flow.pt --seconds 240

Needs ``latents.pt`` and ``tokens.pt``. A crop is 150 frames of one voice's utterances, joined; now
and then the tokens of its look-ahead are taken away, as at the end of a text.
"""

import argparse

import torch
import torch.nn.functional as F

from models.flow import Flow
from phones import PHONES
from speech_data import VOICES, choose_voices, load_items
from speech_trainer import SpeechTrainer, device, parse_arguments

CROP = 75  # tokens
WITHOUT_LOOKAHEAD = 0.1


class FlowStreams:
    """Every voice's utterances in a row: tokens ``[M]`` and normalised latents ``[2M, 64]``."""

    def __init__(self, items: list[dict], tokens: list[torch.Tensor], data: dict, lookahead: int) -> None:
        self.lookahead = lookahead
        ids, phones, latents, ranges, at = [], [], [], [], 0
        for voice in VOICES:
            first = at
            for item, row in zip(items, tokens):
                if item["group"] == voice["group"]:
                    ids.append(row.long())
                    phones.append(item["labels"].long())
                    latents.append(((item["z"].float() - data["z_mean"]) / data["z_std"]).half())
                    at += len(row)
            ranges.append((first, at - first - CROP - lookahead))
        self.tokens = F.pad(torch.cat(ids), (0, CROP + lookahead)).to(device)
        self.phones = F.pad(torch.cat(phones), (0, CROP + lookahead)).to(device)
        self.z = F.pad(torch.cat(latents), (0, 0, 0, 2 * CROP)).to(device)
        self.first = torch.tensor([r[0] for r in ranges], device=device)
        self.room = torch.tensor([max(1, r[1]) for r in ranges], device=device)
        shares = [voice["share"] * (r[1] > 0) for voice, r in zip(VOICES, ranges)]
        self.shares = torch.tensor(shares, device=device)

    def draw(self, size: int, pad_token: int) -> tuple[torch.Tensor, ...]:
        """Return latents ``[B, 150, 64]``, tokens ``[B, 75 + lookahead]`` and voices ``[B]``."""
        voice = choose_voices(size, self.shares)
        start = self.first[voice] + (torch.rand(size, device=device) * self.room[voice]).long()
        frames = 2 * start[:, None] + torch.arange(2 * CROP, device=device)
        at = start[:, None] + torch.arange(CROP + self.lookahead, device=device)
        tokens, phones = self.tokens[at], self.phones[at]
        ends = torch.rand(size, 1, device=device) < WITHOUT_LOOKAHEAD
        tokens[:, CROP:] = torch.where(ends, pad_token, tokens[:, CROP:])
        phones[:, CROP:] = torch.where(ends, 0, phones[:, CROP:])
        return self.z[frames].float(), tokens, phones, voice


class FlowTrainer(SpeechTrainer):
    """The flow model's batches and loss."""

    def __init__(self, args: argparse.Namespace, data: dict, tokens: dict) -> None:
        model = Flow(cardinality=tokens["cardinality"], num_voices=len(VOICES), num_phones=len(PHONES))
        model.z_mean.copy_(data["z_mean"])
        model.z_std.copy_(data["z_std"])
        super().__init__(args, model, weight_decay=0.01)
        pairs = list(zip(data["items"], tokens["tokens"]))
        lookahead = model.config["lookahead"]
        train = [(i, t) for i, t in pairs if i["split"] == "train"]
        test = [(i, t) for i, t in pairs if i["split"] != "train"]
        self.streams = FlowStreams(*map(list, zip(*train)), data, lookahead)
        self.test = FlowStreams(*map(list, zip(*test)), data, lookahead)
        self.batch = [x.clone() for x in self.draw(self.streams)]

    def draw(self, streams: FlowStreams) -> list[torch.Tensor]:
        """Return latents, tokens, voices, noise and times."""
        x, tokens, phones, voice = streams.draw(self.args.batch, self.model.pad_token)
        # times near the middle are the hardest, so they come most often (Esser et al. 2024)
        time = torch.sigmoid(torch.randn(len(x), device=device))
        return [x, tokens, phones, voice, torch.randn_like(x), time]

    def refill(self) -> None:
        for buffer, value in zip(self.batch, self.draw(self.streams)):
            buffer.copy_(value)

    def flow_loss(self, model: Flow, batch: list[torch.Tensor]) -> torch.Tensor:
        x, tokens, phones, voice, noise, time = batch
        t = time[:, None, None]
        with self.autocast():
            v = model((1 - t) * noise + t * x, time, tokens, phones, voice)
        return F.mse_loss(v.float(), x - noise)

    def loss(self) -> torch.Tensor:
        loss = self.flow_loss(self.model, self.batch)
        self.stats["velocity"] = loss.detach()
        return loss

    @torch.no_grad()
    def evaluate(self, batches: int) -> None:
        """Print the loss of the averaged weights on utterances that were held out."""
        if self.test.shares.sum() > 0:
            rows = [self.flow_loss(self.ema, self.draw(self.test)) for _ in range(batches)]
            held = torch.stack(rows).mean().item()
            print(f"held out: velocity {held:.4f}", flush=True)
            return held


def main() -> None:
    args = parse_arguments(__doc__, "/tmp/ckpt/flow.pt", seconds=240, batch=64, rate=8e-4)
    data = load_items(f"{args.data}/latents.pt")
    tokens = torch.load(f"{args.data}/tokens.pt", weights_only=False)
    trainer = FlowTrainer(args, data, tokens)
    trainer.train()
    trainer.evaluate(1 if args.max_steps else 16)


if __name__ == "__main__":
    main()
