"""What the codec hears: random windows of people, of the six voices and of mixtures of voices."""

import os

import torch

from augment import cut, random_equalizer
from speech_data import GROUPS

WINDOW = 19200  # 0.8 s
# how much of a batch each group makes up; people have to be most of what the codec hears
SHARES = {
    "blend": 0.22,
    "af_heart": 0.08,
    "af_sarah": 0.05,
    "am_michael": 0.06,
    "am_puck": 0.05,
    "bf_emma": 0.05,
    "bm_george": 0.04,
    "adults": 0.24,
    "callie": 0.13,
    "commands": 0.08,
}
HUMAN = ("adults", "commands", "callie")


class Batches:
    """Cuts random windows out of every group's recordings, which lie on the GPU as int16."""

    def __init__(self, folder: str, size: int, voices_only: bool, device: str) -> None:
        self.size = size
        self.device = device
        pieces, spans, weights, rate_spread, offset = [], [], [], [], 0
        for group, share in SHARES.items():
            path = f"{folder}/{group}.pt"
            if not os.path.exists(path) or (voices_only and group not in GROUPS):
                continue
            packed = torch.load(path, weights_only=False)
            rows = [r for r in packed["index"] if r["split"] == "train" and r["length"] > WINDOW + 64]
            if not rows:
                continue
            seconds = torch.tensor([r["length"] for r in rows], dtype=torch.float64)
            spans += [(r["start"] + offset, r["length"]) for r in rows]
            weights.append(seconds / seconds.sum() * share)
            rate_spread += [0.2 if group in HUMAN else 0.08] * len(rows)
            pieces.append(packed["audio"])
            offset += len(packed["audio"])
            print(f"{group}: {len(rows)} clips, {seconds.sum() / 24000 / 3600:.2f} h", flush=True)
        self.audio = torch.cat(pieces).to(device)
        self.spans = torch.tensor(spans, device=device)
        # torch.multinomial takes at most 2 ** 24 categories, and it wants float32 on the GPU
        self.weights = torch.cat(weights).float().to(device)
        self.rate_spread = torch.tensor(rate_spread, device=device)

    def draw(self) -> torch.Tensor:
        """Return ``[B, WINDOW]`` augmented samples."""
        size, device = self.size, self.device
        k = torch.multinomial(self.weights, size, replacement=True)
        start, length = self.spans[k, 0], self.spans[k, 1]
        changed = (torch.rand(size, device=device) < 0.6).float()
        rates = 1 + changed * self.rate_spread[k] * (2 * torch.rand(size, device=device) - 1)
        rates = torch.minimum(rates, (length - 8).float() / (WINDOW + 4))
        room = (length - rates * WINDOW - 6).clamp_min(1)
        starts = start + 1 + (torch.rand(size, device=device) * room).long()
        x = cut(self.audio, starts, rates, WINDOW)
        x = random_equalizer(x, (torch.rand(size, device=device) < 0.25).float())
        gain = 10 ** (-torch.rand(size, 1, device=device) * 0.6 + 0.1)
        sign = torch.randint(0, 2, (size, 1), device=device) * 2 - 1
        noise = torch.randn_like(x) * (torch.rand(size, 1, device=device) < 0.1) * 1e-3
        return (x * gain + noise).clamp(-1, 1) * sign
