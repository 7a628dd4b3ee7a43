"""Write the golden files that hold the TypeScript speech networks to these.

    python golden_speech.py tiny --out ../test/golden
    python golden_speech.py real --out ../test/golden --models ../models

``real`` also writes ``speech/real.safetensors``: a sentence's tokens, and the samples that flow and
codec make of them. ``tiny`` stores random instances of a few thousand weights with their inputs and outputs, as
``{single,language-model,flow}/tiny.safetensors``. ``real`` stores inputs and outputs only, of the
weights in ``--models``. Weights are rounded to float16 and everything is computed in float32.
"""

import argparse
import json
import os

import numpy as np
import torch

from export_codec import write_json, write_tensors
from export_speech import flow_config, language_model_config, load_model, tokenizer_config
from golden_codec import load_exported, round_to_half, spread_weights
from models.codec import FRAME_SIZE, LOOKAHEAD
from models.flow import Flow, sample
from models.language_model import LanguageModel, generate
from models.tokenizer import Tokenizer
from phones import PHONES

TINY_TOKENIZER = {
    "latent_dim": 12,
    "dim": 16,
    "enc_blocks": [1, 2],
    "dec_blocks": [2, 1],
    "levels": [4, 4, 3],
}
TINY_LANGUAGE_MODEL = {
    "dim": 24,
    "encoder_blocks": 2,
    "encoder_kernel": 5,
    "layers": 2,
    "heads": 2,
    "key_dim": 6,
    "value_dim": 8,
    "hidden": 32,
    "gate_rank": 4,
    "gate_normalizer": 16,
    "advance_dim": 12,
    "cardinality": 48,
    "max_advance": 3,
    "dwell_entries": 4,
    "num_phones": len(PHONES),
    "num_voices": 2,
}
TINY_FLOW = {
    "latent_dim": 12,
    "dim": 24,
    "blocks": 2,
    "cond_dim": 16,
    "cond_blocks": 2,
    "time_dim": 16,
    "lookahead": 3,
    "cardinality": 48,
    "num_voices": 2,
    "num_phones": len(PHONES),
}
SENTENCE = "pau, +hh ah0 l ow1 +dh eh1 r pau."
Tensors = dict[str, torch.Tensor]


@torch.no_grad()
def run_tokenizer(model: Tokenizer, generator: torch.Generator, length: int) -> Tensors:
    """Latents ``[T, C]`` to scalars, tokens and latents."""
    noise = torch.randn(length, model.config["latent_dim"], generator=generator)
    z = model.denormalize(noise)[None]
    scalars = model.encode_scalars(model.normalize(z))
    values, tokens = model.fsq(scalars)
    digits = torch.sigmoid(scalars) * model.fsq.levels
    print(f"smallest distance from the edge of a step: {(digits - digits.round()).abs().min():.2e}")
    return {
        "in.z": z[0],
        "out.scalars": scalars[0],
        "out.values": values[0],
        "out.tokens": tokens[0].int(),
        "out.z": model.decode(tokens)[0],
    }


@torch.no_grad()
def run_language_model(
    model: LanguageModel, generator: torch.Generator, length: int, steps: int
) -> Tensors:
    """A sentence of ``length`` phones and a walk of ``steps`` steps along it, one row a step.

    ``out.state`` is what the layers end with, ``[L, H, dk, dv]``.
    """

    def integers(high: int, size: int) -> torch.Tensor:
        return torch.randint(0, high, (1, size), generator=generator)

    phones = integers(model.config["num_phones"] - 1, length) + 1
    word_start = integers(2, length)
    pointers = (torch.arange(steps) * length // steps)[None]
    dwell = torch.zeros_like(pointers)
    for t in range(1, steps):
        if pointers[0, t] == pointers[0, t - 1]:
            dwell[0, t] = dwell[0, t - 1] + 1
    tokens = integers(model.config["cardinality"], steps)
    previous = torch.cat([torch.tensor([[model.start_token]]), tokens[:, :-1]], 1)
    voice = torch.tensor([1])
    encoded = model.encode_phones(phones, word_start)
    x = model.step_inputs(encoded, pointers, previous, dwell, voice)
    h, states = model.run_layers(x, model.states(voice), chunked=False)
    return {
        "in.phones": phones[0].int(),
        "in.word_start": word_start[0].int(),
        "in.pointers": pointers[0].int(),
        "in.dwell": dwell[0].int(),
        "in.previous": previous[0].int(),
        "in.tokens": tokens[0].int(),
        "in.voice": voice.int(),
        "out.encoded": encoded[0],
        "out.inputs": x[0],
        "out.hidden": h[0],
        "out.token_logits": model.token_head(h)[0],
        "out.advance_logits": model.advance_logits(h, tokens)[0],
        "out.state": torch.cat(states),
    }


@torch.no_grad()
def run_flow(model: Flow, generator: torch.Generator, length: int, steps: int) -> Tensors:
    """Tokens and phones ``[K]`` and noise to the condition, one velocity (at ``in.time``) and latents."""
    tokens = torch.randint(0, model.config["cardinality"], (1, length), generator=generator)
    phones = torch.randint(1, model.config["num_phones"], (1, length), generator=generator)
    noise = torch.randn(1, 2 * length, model.config["latent_dim"], generator=generator)
    voice, time = torch.tensor([1]), torch.tensor([1 / 3])
    pad = torch.full((1, model.config["lookahead"]), model.pad_token)
    padded = torch.cat([tokens, pad], 1), torch.cat([phones, torch.zeros_like(pad)], 1)
    condition = model.condition(*padded, voice)
    return {
        "in.tokens": tokens[0].int(),
        "in.phones": phones[0].int(),
        "in.noise": noise[0],
        "in.voice": voice.int(),
        "in.time": time,
        "out.condition": condition[0],
        "out.velocity": model.velocity(noise, time, condition)[0],
        "out.z": sample(model, tokens, phones, voice, steps, 1.0, noise)[0],
    }


def philox_normal(seed: int, purpose: int, positions: int, size: int) -> torch.Tensor:
    """Standard normal numbers ``[positions, size]`` as tts/noise.ts draws them.

    Philox2x32-10 (Salmon et al. 2011), then Box and Muller (1958).
    """
    left = np.repeat(np.arange(positions, dtype=np.uint64), size // 2)
    right = np.tile(np.arange(size // 2, dtype=np.uint64) + np.uint64(purpose << 16), positions)
    key, low = np.uint64(seed), np.uint64(0xFFFFFFFF)
    for _ in range(10):
        product = left * np.uint64(0xD256D193)
        left, right = (product >> np.uint64(32)) ^ key ^ right, product & low
        key = (key + np.uint64(0x9E3779B9)) & low
    radius = np.sqrt(-2 * np.log((left + 0.5) / 2**32))
    angle = 2 * np.pi * right / 2**32
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], -1)
    return torch.from_numpy(pairs.reshape(positions, size)).float()


@torch.no_grad()
def run_speech(models: str, seed: int) -> Tensors:
    """A sentence's tokens and phones ``[K]`` to samples ``[960 K]``, as the engine makes them."""
    language, flow = load_model("language-model", models), load_model("flow", models)
    with open(os.path.join(models, "flow", "config.json")) as file:
        config = json.load(file)
    ids = torch.tensor([PHONES.index(phone) for phone in SENTENCE.replace("+", "").split()])
    starts = torch.tensor([int(phone.startswith("+")) for phone in SENTENCE.split()])
    tokens, path = generate(language, ids, starts, 1, temperature=0.3, seed=seed)
    tokens, phones = torch.tensor([tokens]), ids[torch.tensor(path)][None]
    noise = philox_normal(seed, 2, 2 * tokens.shape[1], flow.config["latent_dim"])
    steps, scale = config["eulerSteps"], config["noiseScale"]
    z = sample(flow, tokens, phones, torch.tensor([1]), steps, scale, noise[None])
    codec = load_exported(os.path.join(models, "codec"))
    repeats = -(-(LOOKAHEAD + codec.delay) // FRAME_SIZE)
    padded = torch.cat([z, z[:, -1:].expand(-1, repeats, -1)], 1)
    return {
        "in.tokens": tokens[0].int(),
        "in.phones": phones[0].int(),
        "in.voice": torch.tensor([1]).int(),
        "in.seed": torch.tensor([seed]).int(),
        "out.noise": noise[:2],
        "out.audio": codec.decode_latents(padded)[0, : FRAME_SIZE * z.shape[1]],
    }


def write_tiny(out: str) -> None:
    """Write ``tiny.safetensors`` and ``tiny.json`` of the three networks."""
    generator = torch.Generator().manual_seed(1)
    torch.manual_seed(1)
    built = {
        "single": Tokenizer(**TINY_TOKENIZER),
        "language-model": LanguageModel(**TINY_LANGUAGE_MODEL),
        "flow": Flow(**TINY_FLOW),
    }
    for name, model in built.items():
        model.eval()
        spread_weights(model, generator)
        for key, value in model.named_parameters():
            if "cond" in key or key == "initial_state" or key.startswith("enc_out"):
                value.data += 0.3 * torch.randn(value.shape, generator=generator)
        for key, value in model.named_buffers():
            if key == "z_mean":
                value += 0.3 * torch.randn(value.shape, generator=generator)
            if key == "z_std":
                value += 0.5 * torch.rand(value.shape, generator=generator)
        model.load_state_dict({k: v.half().float() for k, v in model.state_dict().items()})
        round_to_half(model)
    voices = [{"id": "first", "name": "First"}, {"id": "second", "name": "Second"}]
    configs = {
        "single": tokenizer_config(built["single"]),
        "language-model": language_model_config(built["language-model"], voices),
        "flow": flow_config(built["flow"], voices),
    }
    tensors = {
        "single": run_tokenizer(built["single"], generator, 22),
        "language-model": run_language_model(built["language-model"], generator, 14, 33),
        "flow": run_flow(built["flow"], generator, 11, configs["flow"]["eulerSteps"]),
    }
    for name, model in built.items():
        weights = {f"weights.{k}": v.half() for k, v in model.state_dict().items()}
        folder = os.path.join(out, name)
        os.makedirs(folder, exist_ok=True)
        write_tensors({**weights, **tensors[name]}, os.path.join(folder, "tiny.safetensors"))
        write_json(configs[name], os.path.join(folder, "tiny.json"))


def write_real(out: str, models: str) -> None:
    """Write ``real.safetensors`` of the three networks and of all of them in a row."""
    generator = torch.Generator().manual_seed(2)
    with open(os.path.join(models, "flow", "config.json")) as file:
        steps = json.load(file)["eulerSteps"]
    tensors = {
        "single": run_tokenizer(load_model("single", models), generator, 20),
        "language-model": run_language_model(load_model("language-model", models), generator, 12, 10),
        "flow": run_flow(load_model("flow", models), generator, 8, steps),
        "speech": run_speech(models, seed=7),
    }
    for name, content in tensors.items():
        os.makedirs(os.path.join(out, name), exist_ok=True)
        write_tensors(content, os.path.join(out, name, "real.safetensors"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("which", choices=["tiny", "real"])
    parser.add_argument("--out", default="../test/golden")
    parser.add_argument("--models", default="../models")
    args = parser.parse_args()
    if args.which == "tiny":
        write_tiny(args.out)
    else:
        write_real(args.out, args.models)


if __name__ == "__main__":
    main()
