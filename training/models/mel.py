"""Mel filters on slaney's scale."""

import math

import torch
from torch import Tensor

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
