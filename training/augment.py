"""Augmentations that make many speakers out of few, on batches that lie on the GPU already."""

import torch
from torch import Tensor


def cut(audio: Tensor, starts: Tensor, rates: Tensor, length: int) -> Tensor:
    """Cut one window an item out of an int16 recording, resampled by a factor.

    Reading faster or slower shifts pitch, formants and speed together, which is another speaker.

    Args:
        audio: ``[N]`` int16 samples of everything.
        starts: ``[B]`` first sample of each window; at least 1.
        rates: ``[B]`` samples to advance for each output sample; 1 copies exactly.
        length: Samples a window.

    Returns:
        ``[B, length]`` float32, interpolated by Catmull-Rom splines.
    """
    position = torch.arange(length, device=audio.device)[None].double() * rates[:, None].double()
    whole = position.floor()
    x = (position - whole).float()
    index = starts[:, None] + whole.long()
    p0, p1, p2, p3 = (audio[index + k].float() / 32768 for k in (-1, 0, 1, 2))
    a = -0.5 * p0 + 1.5 * p1 - 1.5 * p2 + 0.5 * p3
    b = p0 - 2.5 * p1 + 2 * p2 - 0.5 * p3
    c = 0.5 * (p2 - p0)
    return ((a * x + b) * x + c) * x + p1


def random_equalizer(batch: Tensor, chosen: Tensor) -> Tensor:
    """Apply a smooth random frequency response of about ±9 dB to the chosen items.

    Args:
        batch: ``[B, N]`` samples.
        chosen: ``[B]`` 1 for the items to change, 0 for the others.
    """
    bands = torch.randn(batch.shape[0], 1, 6, device=batch.device) * 4.5
    spectrum = torch.fft.rfft(batch)
    gain_db = torch.nn.functional.interpolate(
        bands, size=spectrum.shape[-1], mode="linear", align_corners=True
    )[:, 0]
    return torch.fft.irfft(spectrum * 10 ** (gain_db * chosen[:, None] / 20), n=batch.shape[-1])
