"""Spectral reconstruction losses at several resolutions, sharing one STFT of each resolution."""

import torch
from torch import Tensor, nn

from .mel import mel_filterbank

RESOLUTIONS = ((256, 24), (512, 48), (1024, 80), (2048, 128))


class SpectralLoss(nn.Module):
    """Distances between two waveforms, averaged over time and frequency, summed over resolutions.

    ``mel`` is the L1 distance of log10 mel magnitudes (floor 1e-4). ``complex`` is the L1 distance
    of STFTs compressed to the power 0.3, on complex values and, at half weight, on magnitudes.
    """

    def __init__(self, sample_rate: int = 24000) -> None:
        super().__init__()
        for n_fft, n_mels in RESOLUTIONS:
            self.register_buffer(f"window_{n_fft}", torch.hann_window(n_fft), persistent=False)
            bank = mel_filterbank(n_fft, n_mels, sample_rate)
            self.register_buffer(f"bank_{n_fft}", bank, persistent=False)

    def forward(self, output: Tensor, target: Tensor) -> tuple[Tensor, Tensor]:
        """Return ``(mel, complex)`` of two ``[B, N]`` waveforms."""
        mel_loss = output.new_zeros(())
        complex_loss = output.new_zeros(())
        both = torch.cat([output, target]).float()
        for n_fft, _ in RESOLUTIONS:
            window = getattr(self, f"window_{n_fft}")
            spectrum = torch.stft(both, n_fft, n_fft // 4, window=window, return_complex=True)
            power = spectrum.real.square() + spectrum.imag.square() + 1e-8
            magnitude = power.sqrt()
            mel = (magnitude.transpose(1, 2) @ getattr(self, f"bank_{n_fft}")).clamp_min(1e-4)
            a, b = mel.log10().chunk(2)
            mel_loss = mel_loss + (a - b).abs().mean()
            compressed = power.pow(0.15)
            scale = compressed / magnitude
            real_a, real_b = (spectrum.real * scale).chunk(2)
            imag_a, imag_b = (spectrum.imag * scale).chunk(2)
            size_a, size_b = compressed.chunk(2)
            distance = 0.5 * ((real_a - real_b).abs().mean() + (imag_a - imag_b).abs().mean())
            complex_loss = complex_loss + distance + 0.5 * (size_a - size_b).abs().mean()
        return mel_loss, complex_loss
