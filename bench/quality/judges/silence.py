"""Silences in a clip: where the sound before a pause ends and the sound after it begins."""

import numpy as np

from .audio import SAMPLE_RATE, SILENCE_DB

FRAME = SAMPLE_RATE // 200  # 5 ms


def longest_silence(samples: np.ndarray, start: float, end: float) -> tuple[float, float] | None:
    """Return from when to when it is quiet for longest between two moments, or None if it never is.

    Args:
        samples (np.ndarray):
            ``[T]`` at 16 kHz; quiet is what lies 40 dB below its loudest 5 ms.
        start, end (float):
            Moments in seconds.

    Example:
        >>> tone = np.ones(SAMPLE_RATE // 2)
        >>> clip = np.concatenate([tone, 0 * tone, tone, 0 * tone[:800], tone])
        >>> longest_silence(clip, 0.3, 1.8), longest_silence(clip, 1.2, 1.8), longest_silence(clip, 0, 0.3)
        ((0.5, 1.0), (1.5, 1.55), None)
    """
    num_frames = len(samples) // FRAME
    level = np.sqrt(np.mean(samples[: num_frames * FRAME].reshape(num_frames, FRAME) ** 2, axis=1))
    quiet = level < level.max() * 10 ** (SILENCE_DB / 20)
    first = round(start * SAMPLE_RATE / FRAME)
    within = np.concatenate([[False], quiet[first : round(end * SAMPLE_RATE / FRAME)], [False]])
    # where quiet begins and where it ends
    edges = np.flatnonzero(within[1:] != within[:-1]).reshape(-1, 2)
    if len(edges) == 0:
        return None
    begin, finish = edges[np.argmax(edges[:, 1] - edges[:, 0])]
    return float((first + begin) * FRAME / SAMPLE_RATE), float((first + finish) * FRAME / SAMPLE_RATE)
