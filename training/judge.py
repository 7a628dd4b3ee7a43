"""DistillMOS (naturalness, 1 to 5) of what a codec decodes, on clips that are never trained on.

Needs the packages distillmos and xls-r-sqa. Nothing here runs inside a CUDA graph.
"""

import importlib.machinery
import os
import sys
import types

import numpy as np
import torch
from scipy.signal import resample_poly

from models.codec import FRAME_SIZE, LOOKAHEAD, Codec

LENGTH = 96000  # samples of each clip, 4 s
PEOPLE = ("adults", "callie", "commands")
KOKORO = ("af_heart", "af_sarah", "am_michael", "am_puck", "bf_emma", "bm_george")


def load_distillmos(device: str) -> torch.nn.Module:
    """Load the judge; torchaudio, which only its command line uses, may be missing."""
    if "torchaudio" not in sys.modules:
        stub = types.ModuleType("torchaudio")
        stub.__spec__ = importlib.machinery.ModuleSpec("torchaudio", None)
        sys.modules["torchaudio"] = stub
    import distillmos

    return distillmos.ConvTransformerSQAModel().eval().requires_grad_(False).to(device)


def test_rows(index: list[dict], longer_than: int, count: int) -> list[dict]:
    """Choose at most ``count`` held-out clips of more than ``longer_than`` samples, evenly."""
    rows = [r for r in index if r["split"] == "test" and r["length"] > longer_than]
    return rows[:: max(1, len(rows) // count)][:count]


def held_out(folder: str, groups: tuple[str, ...], count: int) -> list[torch.Tensor]:
    """Choose ``count`` held-out clips, evenly from the groups, each cut or padded to 4 s."""
    found: list[list[torch.Tensor]] = []
    for group in groups:
        path = f"{folder}/{group}.pt"
        if not os.path.exists(path):
            continue
        packed = torch.load(path, weights_only=False)
        rows = test_rows(packed["index"], 48000, count)
        clips = [packed["audio"][r["start"] : r["start"] + min(r["length"], LENGTH)] for r in rows]
        found.append([torch.nn.functional.pad(c, (0, LENGTH - len(c))).float() / 32768 for c in clips])
    chosen: list[torch.Tensor] = []
    for i in range(count):
        chosen += [clips[i] for clips in found if i < len(clips)]
    return chosen[:count]


class Judge:
    """Scores a codec on fixed clips of people and of Kokoro."""

    def __init__(self, folder: str, device: str, count: int = 10) -> None:
        self.device = device
        self.model = load_distillmos(device)
        people, kokoro = (held_out(folder, groups, count) for groups in (PEOPLE, KOKORO))
        self.people = len(people)
        if not people + kokoro:
            raise ValueError("no held-out clips")
        self.audio = torch.stack(people + kokoro).to(device)

    @torch.no_grad()
    def opinions(self, audio: torch.Tensor) -> torch.Tensor:
        """DistillMOS of ``[B, N]`` samples at 24 kHz."""
        low = resample_poly(audio.float().cpu().numpy(), 2, 3, axis=1).astype(np.float32)
        return torch.cat([self.model(x)[:, 0] for x in torch.from_numpy(low).to(self.device).split(10)])

    @torch.no_grad()
    def decode(self, codec: Codec, levels: int) -> torch.Tensor:
        """What ``codec`` makes of the clips with so many levels; 0 for unquantised latents."""
        frames = -(-(LENGTH + LOOKAHEAD + codec.delay) // FRAME_SIZE)
        z = codec.encode_latents(torch.nn.functional.pad(self.audio, (0, frames * FRAME_SIZE - LENGTH)))
        q = codec.quantize(z)[0][levels - 1] if levels else z.float()
        return codec.decode_latents(q)[:, :LENGTH].clamp(-1, 1)

    def scores(self, codec: Codec, levels: int = 8) -> tuple[float, float]:
        """Mean DistillMOS on people and on Kokoro; NaN where there are no clips."""
        values = self.opinions(self.decode(codec, levels))
        return values[: self.people].mean().item(), values[self.people :].mean().item()
