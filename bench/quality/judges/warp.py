"""Dynamic time warping: where moments of one clip are heard in another one that says the same."""

import numpy as np

from .audio import SAMPLE_RATE
from .mel import mel_power

HOP = SAMPLE_RATE // 200  # 5 ms
WINDOW = 400  # 25 ms
NUM_BANDS = 40
NUM_CEPSTRA = 13
# quieter than this below the loudest band is noise, whose spectrum says nothing
FLOOR_DB = -70.0
# what it costs to stay at a frame of one clip while the other goes on, in units of the mean distance
STAY_COST = 0.3


def features(samples: np.ndarray) -> np.ndarray:
    """Return what frames sound like ``[1 + T // HOP, 2 * NUM_CEPSTRA]``: level, cepstra, their changes.

    Args:
        samples (np.ndarray):
            ``[T]`` at 16 kHz.

    Returns:
        Columns of mean 0 and deviation 1 over the clip.
    """
    power = mel_power(samples, SAMPLE_RATE, WINDOW, HOP, NUM_BANDS)
    log = np.log(np.maximum(power, power.max() * 10 ** (FLOOR_DB / 10) + 1e-12))
    # the cosine transform's column 0 is the level
    order, band = np.arange(NUM_CEPSTRA), np.arange(NUM_BANDS) + 0.5
    cepstra = log @ np.cos(np.pi * np.outer(band, order) / NUM_BANDS)
    both = np.concatenate([cepstra, np.gradient(cepstra, axis=0)], axis=1)
    return (both - both.mean(0)) / (both.std(0) + 1e-6)


def align(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the cheapest path ``[P, 2]`` through two sequences, each step by one in either or both.

    Args:
        one, other (np.ndarray):
            Features ``[N, D]`` and ``[M, D]``.

    Returns:
        Pairs of frames that sound alike, from ``(0, 0)`` to ``(N - 1, M - 1)``.
    """
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1)[None] - 2 * one @ other.T
    distance = np.sqrt(np.maximum(squares, 0))
    stay = STAY_COST * distance.mean()
    rows, columns = distance.shape
    # a step in both counts twice, as much as one in each, so that no way is shorter than another
    total = np.full((rows + 1, columns + 1), np.inf)
    total[0, 0] = 0
    # all cells of a diagonal depend on the two diagonals before it alone
    for diagonal in range(rows + columns - 1):
        row = np.arange(max(0, diagonal - columns + 1), min(rows, diagonal + 1))
        column = diagonal - row
        cost = distance[row, column]
        best = np.minimum(total[row, column + 1], total[row + 1, column]) + cost + stay
        total[row + 1, column + 1] = np.minimum(best, total[row, column] + 2 * cost)
    path = [(rows - 1, columns - 1)]
    while path[-1] != (0, 0):
        row, column = path[-1]
        cost = distance[row, column]
        steps = {
            (row - 1, column - 1): total[row, column] + 2 * cost,
            (row - 1, column): total[row, column + 1] + cost + stay,
            (row, column - 1): total[row + 1, column] + cost + stay,
        }
        path.append(min(steps, key=steps.get))
    return np.array(path[::-1])


def carry(seconds: np.ndarray, path: np.ndarray) -> np.ndarray:
    """Return when moments of the path's first clip are heard in its second, in seconds.

    A frame that the path stays at is heard in the middle of its stay.

    Example:
        40 sounds of 25 ms each, found in a clip that has another speed in each quarter.

        >>> rng = np.random.default_rng(0)
        >>> bands = np.repeat(rng.normal(size=(40, 8)), 5, axis=0)
        >>> when = np.cumsum(np.repeat([1, 0.6, 0.8, 1.3], 50))  # frames of the first clip
        >>> frames = np.arange(int(when[-1]))
        >>> other = bands[np.searchsorted(when, frames)] + 0.1 * rng.normal(size=(len(frames), 8))
        >>> there = carry(np.array([0.2, 0.4, 0.7, 0.9]), align(bands, other))
        >>> bool(np.abs(there - when[[40, 80, 140, 180]] * 0.005).max() < 0.01)
        True
    """
    frames, first = np.unique(path[:, 0], return_index=True)
    last = np.append(first[1:], len(path)) - 1
    middle = (path[first, 1] + path[last, 1]) / 2
    return np.interp(np.asarray(seconds) * SAMPLE_RATE / HOP, frames, middle) * HOP / SAMPLE_RATE
