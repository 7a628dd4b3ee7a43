"""Turn the checkpoints of the speech networks into what the TypeScript side loads.

    python export_speech.py --checkpoints /tmp/ckpt --out ../models

Writes ``codec/single.safetensors`` and ``.json``, and ``model.safetensors`` and ``config.json`` in
``language-model`` and ``flow``: float16 weights named as in the state dict,
sizes in camel case. Networks without a checkpoint are left out.
"""

import argparse
import json
import os

import torch
from safetensors.torch import load_file
from torch import nn

from export_codec import camel_case, half_weights, write_json, write_tensors
from models.flow import Flow
from models.language_model import LanguageModel
from models.tokenizer import Tokenizer
from phones import PHONES
from speech_data import POINTER_OFFSET, SAMPLES_PER_TOKEN, VOICES

TOKEN_RATE = 25
EULER_STEPS = 3
CLASSES = {
    "single": Tokenizer,
    "language-model": LanguageModel,
    "flow": Flow,
}
CHECKPOINTS = {
    "single": "tokenizer.pt",
    "language-model": "language_model.pt",
    "flow": "flow.pt",
}
FILES = {
    "single": ("codec/single.safetensors", "codec/single.json"),
    **{n: (f"{n}/model.safetensors", f"{n}/config.json") for n in CHECKPOINTS if n != "single"},
}
Voices = list[dict[str, str]]


def sizes(model: nn.Module) -> dict:
    return {camel_case(name): value for name, value in model.config.items()}


def tokenizer_config(model: Tokenizer) -> dict:
    """Content of the tokenizer's configuration; ``levels`` are listed lowest digit first."""
    return {
        "name": "linnet-single",
        "tokenRate": TOKEN_RATE,
        "cardinality": model.fsq.cardinality,
        **sizes(model),
    }


def language_model_config(model: LanguageModel, voices: Voices) -> dict:
    """Content of the language model's configuration.

    Training joins sentences of a voice: its state and last token go on from one to the next.
    Token k is centred near sample ``samplesPerToken * k + pointerOffset``.
    """
    return {
        "name": "linnet-language-model",
        "tokenRate": TOKEN_RATE,
        "samplesPerToken": SAMPLES_PER_TOKEN,
        "pointerOffset": POINTER_OFFSET,
        **sizes(model),
        "startToken": model.start_token,
        "temperature": 0.3,
        "topK": 50,
        "topP": 0.95,
        "phones": list(PHONES),
        "voices": voices,
    }


def flow_config(model: Flow, voices: Voices) -> dict:
    """Content of the flow model's configuration."""
    return {
        "name": "linnet-flow",
        "frameRate": 2 * TOKEN_RATE,
        "framesPerToken": 2,
        "kernel": 7,
        "mult": 3,
        **sizes(model),
        "padToken": model.pad_token,
        "eulerSteps": EULER_STEPS,
        "noiseScale": 0.6,
        "voices": voices,
    }


def python_case(name: str) -> str:
    """The inverse of ``camel_case``."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def load_model(name: str, models: str) -> nn.Module:
    """Read an exported network, in float32.

    Args:
        name: ``single``, ``language-model`` or ``flow``.
        models: The folder that :func:`main` wrote.
    """
    weights, config = (os.path.join(models, path) for path in FILES[name])
    with open(config) as file:
        options = {python_case(key): value for key, value in json.load(file).items()}
    wanted = CLASSES[name]().config
    model = CLASSES[name](**{key: options[key] for key in wanted}).eval()
    model.load_state_dict({key: value.float() for key, value in load_file(weights).items()})
    return model


def load_checkpoint(kind: type, path: str) -> nn.Module:
    """Read a network from a checkpoint; the averaged weights where there are some."""
    state = torch.load(path, map_location="cpu", weights_only=False)
    model = kind(**state["config"]).eval()
    model.load_state_dict(state.get("ema", state["model"]))
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--checkpoints", default="/tmp/ckpt")
    parser.add_argument("--out", default="../models")
    args = parser.parse_args()
    voices = [{"id": voice["id"], "name": voice["name"], "language": "en-US"} for voice in VOICES]
    for name, file in CHECKPOINTS.items():
        checkpoint = f"{args.checkpoints}/{file}"
        if not os.path.exists(checkpoint):
            print(f"{name}: no {file}")
            continue
        model = load_checkpoint(CLASSES[name], checkpoint)
        if isinstance(model, Tokenizer):
            config = tokenizer_config(model)
        elif isinstance(model, LanguageModel):
            config = language_model_config(model, voices)
        else:
            config = flow_config(model, voices)
        weights, path = (os.path.join(args.out, file) for file in FILES[name])
        os.makedirs(os.path.dirname(weights), exist_ok=True)
        write_tensors(half_weights(model), weights)
        write_json(config, path)
        count = sum(p.numel() for p in model.parameters())
        print(f"{name}: {count / 1e6:.2f} M, {os.path.getsize(weights) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
