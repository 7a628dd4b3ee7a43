"""Take the encoder out of a CTranslate2 file of Whisper base, as fp16.

    python extract_whisper.py model.bin whisper_encoder.pt [group.pt ...]

The packed groups of data/pack.py give the mean and deviation of the features.
"""

import struct
import sys

import numpy as np
import torch

from models.whisper import LAYERS, WhisperEncoder

TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}


def read_variables(path: str) -> dict[str, np.ndarray]:
    """Read every tensor of a CTranslate2 model."""
    data = open(path, "rb").read()
    at = 4

    def text() -> str:
        nonlocal at
        (length,) = struct.unpack_from("<H", data, at)
        value = data[at + 2 : at + 1 + length].decode()
        at += 2 + length
        return value

    text()
    _, count = struct.unpack_from("<II", data, at)
    at += 8
    found = {}
    for _ in range(count):
        name = text()
        (rank,) = struct.unpack_from("<B", data, at)
        shape = struct.unpack_from(f"<{rank}I", data, at + 1)
        kind, size = struct.unpack_from("<BI", data, at + 1 + 4 * rank)
        at += 6 + 4 * rank
        found[name] = np.frombuffer(data, TYPES[kind], size // np.dtype(TYPES[kind]).itemsize, at)
        found[name] = found[name].reshape(shape)
        at += size
    return found


def encoder_weights(variables: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    """Return the encoder's weights under the names of `WhisperEncoder`."""
    names = {"positions": "position_encodings/encodings"}
    for conv in ("conv1", "conv2"):
        names |= {f"{conv}.{part}": f"{conv}/{part}" for part in ("weight", "bias")}
    for i in range(LAYERS):
        parts = {
            "norm1": "self_attention/layer_norm",
            "qkv": "self_attention/linear_0",
            "out": "self_attention/linear_1",
            "norm2": "ffn/layer_norm",
            "up": "ffn/linear_0",
            "down": "ffn/linear_1",
        }
        for ours, theirs in parts.items():
            ends = ("gamma", "beta") if "norm" in ours else ("weight", "bias")
            for end, part in zip(ends, ("weight", "bias")):
                names[f"layers.{i}.{ours}.{part}"] = f"layer_{i}/{theirs}/{end}"
    return {
        ours: torch.from_numpy(variables[f"encoder/{theirs}"].astype(np.float32))
        for ours, theirs in names.items()
    }


@torch.no_grad()
def measure(model: WhisperEncoder, groups: list[str]) -> None:
    """Set mean and deviation from windows of 0.8 s of speech."""
    windows = []
    for path in groups:
        audio = torch.load(path, weights_only=False)["audio"]
        count = len(audio) // 19200
        for i in range(0, count, max(1, count // 160)):
            windows.append(audio[i * 19200 : (i + 1) * 19200].float() / 32768)
    h = torch.cat([model.features(x)[:, 3:-3] for x in torch.stack(windows).split(32)]).flatten(0, 1)
    model.mean.copy_(h.mean(0))
    model.std.copy_(h.std(0).clamp_min(1e-3))
    print(f"{len(windows)} windows, deviations {model.std.min():.3f} to {model.std.max():.1f}")


def main() -> None:
    source, out, *groups = sys.argv[1:]
    model = WhisperEncoder().eval()
    weights = encoder_weights(read_variables(source))
    missing = model.load_state_dict(weights, strict=False).missing_keys
    if sorted(missing) != ["mean", "std"]:
        raise ValueError(f"missing {missing}")
    if groups:
        measure(model, groups)
    torch.save({name: value.half() for name, value in model.state_dict().items()}, out)


if __name__ == "__main__":
    main()
