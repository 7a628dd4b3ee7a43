"""Power spectra on Slaney's mel scale, as both DNSMOS and the speaker encoder were trained on."""

import numpy as np

LINEAR_HZ = 200 / 3  # one mel, up to 1 kHz
BREAK_HZ = 1000.0
LOG_STEP = np.log(6.4) / 27


def hz_to_mel(hz: np.ndarray) -> np.ndarray:
    """Return Slaney's mel of frequencies: linear up to 1 kHz, logarithmic above."""
    return np.where(
        hz < BREAK_HZ,
        hz / LINEAR_HZ,
        BREAK_HZ / LINEAR_HZ + np.log(np.maximum(hz, BREAK_HZ) / BREAK_HZ) / LOG_STEP,
    )


def mel_to_hz(mel: np.ndarray) -> np.ndarray:
    """Return the frequencies of Slaney's mels; the inverse of `hz_to_mel`."""
    knee = BREAK_HZ / LINEAR_HZ
    return np.where(mel < knee, mel * LINEAR_HZ, BREAK_HZ * np.exp(LOG_STEP * (mel - knee)))


def mel_bank(sample_rate: int, n_fft: int, n_mels: int) -> np.ndarray:
    """Return triangles of equal area ``[n_fft // 2 + 1, n_mels]`` from 0 Hz to half the rate."""
    top = hz_to_mel(np.array(sample_rate / 2))
    edges = mel_to_hz(np.linspace(0, top, n_mels + 2))
    bins = np.arange(n_fft // 2 + 1)[:, None] * sample_rate / n_fft
    rise = (bins - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - bins) / (edges[2:] - edges[1:-1])
    return np.maximum(0, np.minimum(rise, fall)) * 2 / (edges[2:] - edges[:-2])


def mel_power(samples: np.ndarray, sample_rate: int, n_fft: int, hop: int, n_mels: int) -> np.ndarray:
    """Return mel power spectra ``[1 + T // hop, n_mels]`` of Hann windows centred on every hop."""
    padded = np.pad(samples, n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    power = np.abs(np.fft.rfft(frames * window)) ** 2
    return power @ mel_bank(sample_rate, n_fft, n_mels)
