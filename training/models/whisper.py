"""The encoder of Whisper base as a teacher: what is said, in 512 numbers at exactly 50 Hz.

The weights are those of OpenAI's Whisper base (MIT); extract_whisper.py makes the file.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .mel import mel_filterbank

DIM, HEADS, LAYERS, NUM_MELS = 512, 8, 6, 80
N_FFT, HOP = 600, 240  # 25 and 10 ms, at 24 kHz
TAPS = (3, 4, 5, 6)
"""The layers, counted from 1, whose mean is the features."""


class WhisperLayer(nn.Module):
    """Self-attention and feed-forward, each behind its layer norm."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(DIM), nn.LayerNorm(DIM)
        self.qkv, self.out = nn.Linear(DIM, 3 * DIM), nn.Linear(DIM, DIM)
        self.up, self.down = nn.Linear(DIM, 4 * DIM), nn.Linear(4 * DIM, DIM)

    def forward(self, x: Tensor) -> Tensor:
        batch, count, _ = x.shape
        qkv = self.qkv(self.norm1(x)).view(batch, count, 3, HEADS, DIM // HEADS)
        h = F.scaled_dot_product_attention(*qkv.permute(2, 0, 3, 1, 4))
        x = x + self.out(h.transpose(1, 2).reshape(batch, count, DIM))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class WhisperEncoder(nn.Module):
    """Audio at 24 kHz to features; every shape follows from the input's.

    Whisper hears 16 kHz. Its log-mels of 25 ms every 10 ms up to 8 kHz come out the same from a
    longer transform at 24 kHz, so nothing is resampled.
    """

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("window", torch.hann_window(N_FFT), persistent=False)
        filters = mel_filterbank(N_FFT, NUM_MELS, 24000, max_hz=8000)
        self.register_buffer("filters", filters * (400 / N_FFT) ** 2, persistent=False)
        self.conv1 = nn.Conv1d(NUM_MELS, DIM, 3, padding=1)
        self.conv2 = nn.Conv1d(DIM, DIM, 3, stride=2, padding=1)
        self.register_buffer("positions", torch.zeros(1500, DIM))
        self.layers = nn.ModuleList(WhisperLayer() for _ in range(LAYERS))
        self.register_buffer("mean", torch.zeros(DIM))
        self.register_buffer("std", torch.ones(DIM))

    def log_mel(self, audio: Tensor) -> Tensor:
        """Audio ``[B, N]``, N a multiple of 480, to ``[B, 80, N / 240]``."""
        with torch.autocast(audio.device.type, enabled=False):
            spectrum = torch.stft(
                audio.float(), N_FFT, HOP, window=self.window, return_complex=True
            )[..., :-1]
            power = spectrum.real.square() + spectrum.imag.square()
            mel = (power.transpose(1, 2) @ self.filters).clamp_min(1e-10).log10()
            mel = torch.maximum(mel, mel.amax((1, 2), keepdim=True) - 8)
            return (mel.transpose(1, 2) + 4) / 4

    def hidden(self, audio: Tensor) -> Tensor:
        """Mean of the tapped layers, ``[B, N / 480, 512]``; frame t is centred on sample 480 t."""
        h = F.gelu(self.conv1(self.log_mel(audio)))
        h = F.gelu(self.conv2(h)).transpose(1, 2)
        h = h + self.positions[: h.shape[1]]
        total = torch.zeros_like(h, dtype=torch.float)
        for number, layer in enumerate(self.layers, 1):
            h = layer(h)
            if number in TAPS:
                total = total + h.float()
        return total / len(TAPS)

    def features(self, audio: Tensor, silence: int = 28800) -> Tensor:
        """Standardised features ``[B, N / 480, 512]``, with ``silence`` samples put behind the audio.

        Whisper is used to silence after what it hears; short clips without it are strange to it.
        """
        h = self.hidden(F.pad(audio, (0, silence)))[:, : audio.shape[1] // 480]
        return (h - self.mean) / self.std


def load_whisper(path: str) -> WhisperEncoder:
    """Read the frozen encoder."""
    model = WhisperEncoder()
    weights = torch.load(path, map_location="cpu", weights_only=True)
    model.load_state_dict({name: value.float() for name, value in weights.items()})
    return model.eval().requires_grad_(False)


def try_whisper(path: str, device: str) -> WhisperEncoder | None:
    """Read the frozen encoder; a run goes on without it if there is none."""
    if not path:
        print("no Whisper: training without its features", flush=True)
        return None
    try:
        return load_whisper(path).to(device)
    except (OSError, RuntimeError) as error:
        print(f"no Whisper: {error!r}", flush=True)
        return None
