"""Write the golden files that hold the TypeScript codec to this one.

    python golden_codec.py tiny --out ../test/golden/codec
    python golden_codec.py real --out ../test/golden/codec --model ../models/codec --audio ../samples/callie.wav

``tiny`` is a random instance of a few thousand weights, stored with its inputs and outputs. ``real``
stores inputs and outputs only; the weights are those of ``--model``. Weights are rounded to float16,
as they are in the model files, and everything is computed in float32.
"""

import argparse
import json
import math
import os

import soundfile
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from export_codec import camel_case, export_config, write_json, write_tensors
from models.codec import FRAME_SIZE, LOOKAHEAD, SAMPLE_RATE, Codec

TINY = {
    "latent_dim": 12,
    "enc_dim": 16,
    "enc_blocks": [1, 2],
    "dec_dim": 24,
    "dec_blocks": [1, 1],
    "dec_lookahead": 2,
    "num_codebooks": 3,
    "cardinality": 32,
    "code_dim": 4,
}
TINY_SAMPLES = 7323  # a length that no frame or hop divides
# float32 rounding may choose the other one of two entries that are nearer to each other than this
MARGIN = 2e-5


def round_to_half(module: torch.nn.Module) -> None:
    """Round every weight to the nearest float16, in place."""
    for p in module.parameters():
        p.data = p.data.half().float()


def spread_weights(module: torch.nn.Module, generator: torch.Generator) -> None:
    """Move the weights that start as constants, so that a golden file can tell them apart."""
    for name, p in module.named_parameters():
        if p.dim() == 1:
            p.data += 0.2 * torch.randn(p.shape, generator=generator)
        if name.endswith("gamma"):
            p.data += 0.5


def test_signal(length: int, generator: torch.Generator) -> torch.Tensor:
    """Return ``[N]`` samples of a gliding, fading harmonic tone with some noise."""
    t = torch.arange(length) / SAMPLE_RATE
    phase = 2 * math.pi * (140 * t + 60 * t * t)
    tone = sum(torch.sin(k * phase) / k for k in range(1, 12))
    envelope = 0.2 * (1 - torch.cos(2 * math.pi * 4 * t))
    return envelope * tone + 0.01 * torch.randn(length, generator=generator)


def pad_to_frames(codec: Codec, audio: torch.Tensor) -> torch.Tensor:
    """Pad ``[N]`` with zeros to the ``[1, 480 T]`` that give back every sample once decoded."""
    frames = -(-(len(audio) + LOOKAHEAD + codec.delay) // FRAME_SIZE)
    return F.pad(audio, (0, frames * FRAME_SIZE - len(audio)))[None]


def code_margin(codec: Codec, z: torch.Tensor) -> float:
    """Return the smallest distance in cosine of the best and the second entry over levels and frames."""
    residual, smallest = z, float("inf")
    for level in codec.vq:
        e = F.normalize(level.input(residual), dim=-1)
        best = (e @ F.normalize(level.codebook, dim=-1).T).topk(2).values
        smallest = min(smallest, (best[..., 0] - best[..., 1]).min().item())
        residual = residual - level(residual)[0]
    return smallest


@torch.no_grad()
def run(codec: Codec, audio: torch.Tensor, heard: list[int]) -> dict[str, torch.Tensor]:
    """Return the tensors ``in.*`` and ``out.*`` of one clip, without the batch axis.

    ``out.audio.z`` is the decoder on unquantised latents; ``out.latents.K`` is the sum of the first
    ``K`` levels, and for the ``K`` in ``heard``, ``out.audio.K`` its audio.
    """
    z = codec.encode_latents(pad_to_frames(codec, audio))
    codes = torch.stack(codec.quantize(z)[1], 1)
    length = len(audio)
    tensors = {
        "in.audio": audio,
        "out.z": z[0],
        "out.codes": codes[0].T.int(),
        "out.audio.z": codec.decode_latents(z)[0, :length],
    }
    for k in sorted({*heard, 1, codes.shape[1]}):
        latents = codec.dequantize(codes[:, :k])
        tensors[f"out.latents.{k}"] = latents[0]
        if k in heard:
            tensors[f"out.audio.{k}"] = codec.decode_latents(latents)[0, :length]
    print(f"smallest margin of a code: {code_margin(codec, z):.2e}")
    return tensors


def write_tiny(out: str) -> None:
    generator = torch.Generator().manual_seed(1)
    torch.manual_seed(1)
    codec = Codec(**TINY).eval()
    spread_weights(codec, generator)
    round_to_half(codec)
    tensors = run(codec, test_signal(TINY_SAMPLES, generator), [2])
    for name, p in codec.state_dict().items():
        tensors[f"weights.{name}"] = p.half()
    write_tensors(tensors, os.path.join(out, "tiny.safetensors"))
    write_json(export_config(codec), os.path.join(out, "tiny.json"))


@torch.no_grad()
def write_real(out: str, model: str, path: str, seconds: float) -> None:
    codec = load_exported(model)
    audio, rate = soundfile.read(path, dtype="float32")
    if rate != SAMPLE_RATE or audio.ndim != 1:
        raise ValueError(f"{path} must be {SAMPLE_RATE} Hz mono, got {rate} Hz, shape {audio.shape}")
    length = int(seconds * rate)
    for first in range(rate // 2, len(audio) - length, rate // 50):
        excerpt = torch.from_numpy(audio[first : first + length].copy())
        if code_margin(codec, codec.encode_latents(pad_to_frames(codec, excerpt))) > MARGIN:
            break
    else:
        raise ValueError(f"every excerpt of {path} has a code that rounding may change")
    write_tensors(run(codec, excerpt, [2, 8]), os.path.join(out, "real.safetensors"))


def load_exported(model: str) -> Codec:
    """Read what export_codec.py wrote."""
    with open(os.path.join(model, "config.json")) as file:
        config = json.load(file)
    codec = Codec(**{name: config[camel_case(name)] for name in TINY}).eval()
    weights = load_file(os.path.join(model, "model.safetensors"))
    codec.load_state_dict({name: w.float() for name, w in weights.items()})
    return codec


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("which", choices=["tiny", "real"])
    parser.add_argument("--out", default="../test/golden/codec")
    parser.add_argument("--model", default="../models/codec")
    parser.add_argument("--audio", default="../samples/callie.wav")
    parser.add_argument("--seconds", type=float, default=0.6)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    if args.which == "tiny":
        write_tiny(args.out)
    else:
        write_real(args.out, args.model, args.audio, args.seconds)


if __name__ == "__main__":
    main()
