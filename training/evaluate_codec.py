"""Score a codec on clips that were never trained on: STOI and wide-band PESQ at several bitrates.

    python evaluate_codec.py --data /tmp/data --codec /tmp/ckpt/codec.pt --clips 12
"""

import argparse
import os

import numpy as np
import torch
from pesq import PesqError, pesq
from pystoi import stoi
from scipy.signal import resample_poly

from judge import test_rows
from models.codec import FRAME_SIZE, LOOKAHEAD, Codec

GROUPS = ("af_heart", "am_michael", "bf_emma", "bm_george", "blend", "adults", "callie", "commands")
LEVELS = (1, 2, 4, 8, 0)  # 0 stands for the unquantised latents


def scores(reference: np.ndarray, decoded: np.ndarray) -> tuple[float, float]:
    """Return STOI and PESQ-WB of two 24 kHz signals, both measured at 16 kHz."""
    a, b = (resample_poly(x, 2, 3).astype(np.float32) for x in (reference, decoded))
    try:
        quality = pesq(16000, a, b, "wb")
    except PesqError:
        quality = float("nan")
    return stoi(a, b, 16000), quality


@torch.no_grad()
def evaluate(codec: Codec, data: str, clips: int) -> dict[str, dict[int, tuple[float, float]]]:
    """Return mean scores by group and number of levels."""
    table: dict[str, dict[int, tuple[float, float]]] = {}
    for group in GROUPS:
        path = f"{data}/{group}.pt"
        if not os.path.exists(path):
            continue
        packed = torch.load(path, weights_only=False)
        rows = test_rows(packed["index"], 30000, clips)
        collected: dict[int, list[tuple[float, float]]] = {n: [] for n in LEVELS}
        for row in rows:
            x = packed["audio"][row["start"] : row["start"] + min(row["length"], 192000)]
            x = x.float()[None] / 32768
            frames = -(-(x.shape[1] + LOOKAHEAD + codec.delay) // FRAME_SIZE)
            padded = torch.nn.functional.pad(x, (0, frames * FRAME_SIZE - x.shape[1]))
            z = codec.encode_latents(padded)
            sums, _, _ = codec.quantize(z)
            for n in LEVELS:
                y = codec.decode_latents(sums[n - 1] if n else z)[0, : x.shape[1]]
                collected[n].append(scores(x[0].numpy(), y.clamp(-1, 1).numpy()))
        table[group] = {n: tuple(np.nanmean(np.array(v), axis=0)) for n, v in collected.items() if v}
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", default="/tmp/data")
    parser.add_argument("--codec", default="/tmp/ckpt/codec.pt")
    parser.add_argument("--clips", type=int, default=12)
    args = parser.parse_args()
    state = torch.load(args.codec, map_location="cpu", weights_only=False)
    codec = Codec(**state["config"])
    codec.load_state_dict({k: v.float() for k, v in state["ema"].items()})
    codec.eval()
    print("group    " + "".join(f"{n * 0.5 or 'z':>14} kbps" for n in LEVELS))
    for group, row in evaluate(codec, args.data, args.clips).items():
        print(f"{group:9}" + "".join(f"   {row[n][0]:.3f} / {row[n][1]:.2f}    " for n in LEVELS))


if __name__ == "__main__":
    main()
