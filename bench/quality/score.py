"""Score decoded speech against its original: STOI, PESQ-WB, mel distance, pitch and naturalness.

    python score.py PAIRS.json SCORES.json

``PAIRS.json`` is a list of ``{"reference": WAV, "decoded": WAV}``; the answer is a list of scores in
the same order. The files are mono 16-bit WAV of one sample rate and one length. Exits with 3 if a
package is missing.
"""

import json
import sys
from pathlib import Path

PACKAGES_MISSING = 3
try:
    import numpy as np
    from pesq import PesqError, pesq
    from pystoi import stoi
    from scipy.signal import stft

    from judges.audio import SAMPLE_RATE as MEASURED_AT
    from judges.audio import read
    from judges.naturalness import DistillMos

    distill_mos = DistillMos()
except ModuleNotFoundError as error:
    print(f"{sys.executable} lacks the package {error.name}", file=sys.stderr)
    sys.exit(PACKAGES_MISSING)

PITCH_RANGE_HZ = (60.0, 400.0)


def mel_bank(n_fft: int, n_mels: int) -> np.ndarray:
    """Return triangular filters ``[n_fft / 2 + 1, n_mels]`` on the HTK mel scale."""
    top = 2595 * np.log10(1 + MEASURED_AT / 2 / 700)
    centres = 700 * (10 ** (np.linspace(0, top, n_mels + 2) / 2595) - 1)
    bins = np.linspace(0, MEASURED_AT / 2, n_fft // 2 + 1)[:, None]
    rise = (bins - centres[:-2]) / (centres[1:-1] - centres[:-2])
    fall = (centres[2:] - bins) / (centres[2:] - centres[1:-1])
    return np.maximum(0, np.minimum(rise, fall))


def mel_distance_db(reference: np.ndarray, decoded: np.ndarray) -> float:
    """Return the mean absolute difference of 80-band mel spectra in dB, floored at -80 dB."""
    spectra = []
    for x in (reference, decoded):
        magnitude = np.abs(stft(x, nperseg=1024, noverlap=768)[2]).T
        spectra.append(20 * np.log10(np.maximum(magnitude @ mel_bank(1024, 80), 1e-4)))
    return float(np.mean(np.abs(spectra[0] - spectra[1])))


def pitch(x: np.ndarray) -> np.ndarray:
    """Return the fundamental every 10 ms in Hz, 0 where unvoiced, by normalised autocorrelation."""
    window, hop = 640, 160
    low, high = (int(MEASURED_AT / f) for f in reversed(PITCH_RANGE_HZ))
    track = []
    for start in range(0, len(x) - window - high, hop):
        a = x[start : start + window]
        energy = np.dot(a, a)
        if energy < 1e-3:
            track.append(0.0)
            continue
        strip = np.lib.stride_tricks.sliding_window_view(x[start + low : start + high + window], window)
        correlation = strip @ a / np.sqrt((strip**2).sum(1) * energy + 1e-9)
        # a multiple of the period fits as well as the period itself: the shortest good one is it
        inner = correlation[1:-1]
        peaks = 1 + np.nonzero((inner >= correlation[:-2]) & (inner >= correlation[2:]))[0]
        good = peaks[correlation[peaks] > max(0.6, 0.85 * correlation.max())]
        track.append(MEASURED_AT / (low + good[0]) if len(good) else 0.0)
    return np.array(track)


def pitch_correlation(reference: np.ndarray, decoded: np.ndarray) -> float:
    """Return Pearson's correlation of log pitch over the frames where both are voiced."""
    a, b = pitch(reference), pitch(decoded)
    both = (a > 0) & (b > 0)
    if both.sum() < 10:
        return float("nan")
    return float(np.corrcoef(np.log(a[both]), np.log(b[both]))[0, 1])


def score(reference_path: str, decoded_path: str) -> dict[str, float | None]:
    """Return all scores of one pair; None where a measure is undefined on it."""
    reference, decoded = read(reference_path), read(decoded_path)
    try:
        quality = float(pesq(MEASURED_AT, reference, decoded, "wb"))
    except PesqError:
        quality = float("nan")
    values = {
        "stoi": float(stoi(reference, decoded, MEASURED_AT)),
        "pesqWb": quality,
        "melDistanceDb": mel_distance_db(reference, decoded),
        "pitchCorrelation": pitch_correlation(reference, decoded),
        "distillMos": distill_mos.score(decoded),
    }
    return {name: None if np.isnan(value) else round(value, 4) for name, value in values.items()}


def main() -> None:
    pairs_path, scores_path = sys.argv[1:]
    pairs = json.loads(Path(pairs_path).read_text())
    scores = [score(pair["reference"], pair["decoded"]) for pair in pairs]
    Path(scores_path).write_text(json.dumps(scores))


if __name__ == "__main__":
    main()
