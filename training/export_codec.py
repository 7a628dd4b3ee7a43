"""Turn a checkpoint of train_codec.py into what the TypeScript codec loads.

    python export_codec.py --checkpoint /tmp/ckpt/codec.pt --out ../models/codec

Writes ``model.safetensors`` (the averaged weights as float16, named as in the state dict) and
``config.json`` (the contract that the codec keeps and the sizes of its network, in camel case).
With ``--decoder-only`` the weights are those that --freeze-encoder trains.
"""

import argparse
import json
import os

import torch
from safetensors.torch import save_file

from models.codec import FRAME_SIZE, FROZEN, HOP, N_FFT, SAMPLE_RATE, Codec


def camel_case(name: str) -> str:
    """Return ``enc_dim`` as ``encDim``, which is how JSON files and TypeScript write it."""
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def export_config(codec: Codec) -> dict:
    """Return the content of config.json."""
    return {
        "name": "linnet-24k",
        "sampleRate": SAMPLE_RATE,
        "frameRate": SAMPLE_RATE // FRAME_SIZE,
        "frameSize": FRAME_SIZE,
        "fftSize": N_FFT,
        "hop": HOP,
        **{camel_case(name): value for name, value in codec.config.items()},
    }


def write_json(value: object, path: str) -> None:
    """Write ``value`` as indented JSON with a last newline."""
    with open(path, "w") as file:
        json.dump(value, file, indent=2)
        file.write("\n")


def write_tensors(tensors: dict[str, torch.Tensor], path: str) -> None:
    """Write a safetensors file that everyone may read."""
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path)
    os.chmod(path, 0o644)  # the library makes files that only their owner can read


def half_weights(codec: Codec) -> dict[str, torch.Tensor]:
    """Return the weights as float16.

    Raises:
        ValueError: If one of them is not finite in float16.
    """
    weights = {name: tensor.half().cpu() for name, tensor in codec.state_dict().items()}
    for name, tensor in weights.items():
        if not tensor.isfinite().all():
            raise ValueError(f"{name} is not finite as float16")
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--checkpoint", default="/tmp/ckpt/codec.pt")
    parser.add_argument("--out", default="../models/codec")
    parser.add_argument("--decoder-only", action="store_true")
    args = parser.parse_args()
    state = torch.load(args.checkpoint, map_location="cpu", weights_only=False)
    codec = Codec(**state["config"])
    codec.load_state_dict(state["ema"])
    os.makedirs(args.out, exist_ok=True)
    weights = half_weights(codec)
    if args.decoder_only:
        weights = {name: value for name, value in weights.items() if not name.startswith(FROZEN)}
    write_tensors(weights, os.path.join(args.out, "model.safetensors"))
    write_json(export_config(codec), os.path.join(args.out, "config.json"))
    size = os.path.getsize(os.path.join(args.out, "model.safetensors"))
    print(f"step {state['step']}, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
