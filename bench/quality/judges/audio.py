"""WAV files as the judges want them: mono floats at 16 kHz."""

import wave
from math import gcd

import numpy as np

SAMPLE_RATE = 16000
FRAME = 160  # 10 ms
SILENCE_DB = -40.0


def read(path: str) -> np.ndarray:
    """Return a mono 16-bit WAV file as float32 samples ``[T]`` at 16 kHz."""
    with wave.open(path) as file:
        rate = file.getframerate()
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
    if rate == SAMPLE_RATE:
        return samples
    from scipy.signal import resample_poly  # the quick judges' files have the right rate

    divisor = gcd(rate, SAMPLE_RATE)
    return resample_poly(samples, SAMPLE_RATE // divisor, rate // divisor).astype(np.float32)


def trim(samples: np.ndarray) -> np.ndarray:
    """Return samples ``[T]`` without what lies more than 40 dB below the loudest 10 ms at both ends."""
    num_frames = len(samples) // FRAME
    if num_frames == 0:
        return samples
    level = np.sqrt(np.mean(samples[: num_frames * FRAME].reshape(num_frames, FRAME) ** 2, axis=1))
    loud = np.nonzero(level > level.max() * 10 ** (SILENCE_DB / 20))[0]
    return samples[loud[0] * FRAME : (loud[-1] + 1) * FRAME] if len(loud) else samples[:0]
