"""Phoneme recogniser, used in training only.

Its features are distilled into the codecs, and its posteriors align speech.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from phones import PAUSES, PHONES

from .layers import ConvNeXtBlock
from .mel import MelSpectrogram

SAMPLES_PER_FRAME = 480
NUM_MELS = 80
# Half of the human speech is sampled at 16 kHz, so nothing above its band may tell speakers apart.
MAX_HZ = 7600.0
FIRST_PHONE = 5
"""Index of the first phone that is not padding or a pause in the phone set."""
SILENCE = 0
NUM_CLASSES = 43
"""Width of the frame head: silence, the 40 phones, and two that nothing is labelled with."""
BLANK = NUM_CLASSES


def class_table() -> Tensor:
    table, names = [], {}
    for phone in PHONES:
        if phone == "<pad>" or phone in PAUSES:
            table.append(SILENCE)
            continue
        name = "ax" if phone == "ah0" else phone.rstrip("012")
        table.append(names.setdefault(name, len(names) + 1))
    return torch.tensor(table)


CLASSES = class_table()


def phone_classes(phones: Tensor) -> Tensor:
    """Class of each index of the phone set: stress aside, but for ``ah0``; every pause is silence."""
    return CLASSES.to(phones.device)[phones.long()]


class Teacher(nn.Module):
    """Non-causal ConvNeXt stack at 50 Hz over log-mels, with a head for frames and one for CTC.

    Frame t is centred on samples [480 t, 480 t + 480), and sees about 0.66 s on either side.
    Every shape follows from the input's, so that it can run inside a CUDA graph.

    Args:
        dim: Channels.
        blocks: ConvNeXt blocks with 9 taps.
        tap: The block, counted from 1, whose output is the features.
    """

    def __init__(self, dim: int = 256, blocks: int = 8, tap: int = 6) -> None:
        super().__init__()
        self.tap = tap
        self.mel = MelSpectrogram(960, 240, NUM_MELS, max_hz=MAX_HZ, center=False)
        self.input = nn.Conv1d(NUM_MELS, dim, 4, stride=2, padding=1)
        self.blocks = nn.ModuleList(ConvNeXtBlock(dim, 3, 9, causal=False) for _ in range(blocks))
        self.frame_head = nn.Linear(dim, NUM_CLASSES)
        self.ctc_head = nn.Linear(dim, NUM_CLASSES + 1)

    def log_mel(self, audio: Tensor) -> Tensor:
        """Audio [B, N] in [-1, 1], N a multiple of 480 -> [B, N / 240, 80], about in [-2, 2].

        Frame t is centred on sample 240 t + 120.
        """
        mel = self.mel(F.pad(audio.float(), (360, 360)))
        return (mel.clamp_min(1e-4).log() + 4) / 3

    def hidden(self, log_mel: Tensor) -> tuple[Tensor, Tensor]:
        """Output of the last block and of the tapped block, both [B, T, dim]."""
        h = self.input(log_mel.transpose(1, 2)).transpose(1, 2)
        tapped = h
        for i, block in enumerate(self.blocks):
            h = block(h)
            if i + 1 == self.tap:
                tapped = h
        return h, tapped

    def features(self, audio: Tensor) -> Tensor:
        """Audio [B, N], N a multiple of 480 -> [B, N / 480, dim], layer-normed without affine."""
        h = self.input(self.log_mel(audio).transpose(1, 2)).transpose(1, 2)
        for block in self.blocks[: self.tap]:
            h = block(h)
        return F.layer_norm(h.float(), h.shape[-1:])

    def forward(self, log_mel: Tensor) -> tuple[Tensor, Tensor]:
        """Logits of log-mels [B, 2T, 80]: frames [B, T, 43]; CTC [B, T, 44] with the blank last."""
        h, _ = self.hidden(log_mel)
        return self.frame_head(h).float(), self.ctc_head(h).float()
