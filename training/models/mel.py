"""Mel spectrograms with slaney filters, written with torch.stft and one matmul."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

_BREAK_HZ = 1000.0
_HZ_PER_MEL = 200.0 / 3.0
_LOG_STEP = math.log(6.4) / 27.0


def hertz_to_mel(hertz: Tensor) -> Tensor:
    """Slaney's mel scale: linear below 1 kHz, logarithmic above."""
    low = hertz / _HZ_PER_MEL
    high = _BREAK_HZ / _HZ_PER_MEL + torch.log(hertz.clamp_min(1e-5) / _BREAK_HZ) / _LOG_STEP
    return torch.where(hertz < _BREAK_HZ, low, high)


def mel_to_hertz(mel: Tensor) -> Tensor:
    """The inverse of `hertz_to_mel`."""
    break_mel = _BREAK_HZ / _HZ_PER_MEL
    low = mel * _HZ_PER_MEL
    high = _BREAK_HZ * torch.exp(_LOG_STEP * (mel - break_mel))
    return torch.where(mel < break_mel, low, high)


def mel_filterbank(
    n_fft: int,
    n_mels: int,
    sample_rate: int = 24000,
    max_hz: float | None = None,
) -> Tensor:
    """Triangular filters of equal area from 0 Hz up.

    Returns [n_fft // 2 + 1, n_mels] float32, to multiply a magnitude spectrum with on its right.
    `max_hz` is half the sample rate unless given.

    >>> filters = mel_filterbank(1024, 80)
    >>> filters.shape
    torch.Size([513, 80])
    >>> bool((filters >= 0).all())
    True
    """
    top = sample_rate / 2 if max_hz is None else max_hz
    bins = torch.linspace(0, sample_rate / 2, n_fft // 2 + 1, dtype=torch.float64)
    top_mel = hertz_to_mel(torch.tensor(top, dtype=torch.float64))
    edges = mel_to_hertz(torch.linspace(0, 1, n_mels + 2, dtype=torch.float64) * top_mel)
    width = edges[1:] - edges[:-1]
    rising = (bins[:, None] - edges[None, :-2]) / width[:-1]
    falling = (edges[None, 2:] - bins[:, None]) / width[1:]
    filters = torch.minimum(rising, falling).clamp_min(0)
    return (filters * (2.0 / (edges[2:] - edges[:-2]))).float()


class MelSpectrogram(nn.Module):
    """Mel magnitudes (power 1) of audio [B, N] in [-1, 1] -> [B, T, n_mels].

    With `center`, frame t is centred on sample hop * t (reflected at the ends) and T = N // hop + 1;
    without, frame t sees samples [hop * t, hop * t + n_fft) and the caller pads.
    The work is done in float32 whatever the autocast state. The state dict stays empty.
    """

    def __init__(
        self,
        n_fft: int,
        hop: int,
        n_mels: int,
        sample_rate: int = 24000,
        max_hz: float | None = None,
        center: bool = True,
    ) -> None:
        super().__init__()
        self.n_fft = n_fft
        self.hop = hop
        self.center = center
        filters = mel_filterbank(n_fft, n_mels, sample_rate, max_hz=max_hz)
        self.register_buffer("filters", filters, persistent=False)
        self.register_buffer("window", torch.hann_window(n_fft), persistent=False)

    def forward(self, audio: Tensor) -> Tensor:
        with torch.autocast(audio.device.type, enabled=False):
            audio = audio.float()
            if self.center:
                pad = self.n_fft // 2
                audio = F.pad(audio[:, None], (pad, pad), mode="reflect")[:, 0]
            spectrum = torch.stft(
                audio, self.n_fft, self.hop, window=self.window, center=False, return_complex=True
            )
            # sqrt of the floored power: abs() has no finite gradient at exactly zero.
            magnitude = (spectrum.real.square() + spectrum.imag.square() + 1e-14).sqrt()
            return magnitude.transpose(1, 2) @ self.filters
