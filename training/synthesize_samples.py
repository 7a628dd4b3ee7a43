"""Speak held-out sentences of every voice with the trained networks.

    python synthesize_samples.py --data /tmp/data --checkpoints /tmp/ckpt --out /tmp/samples

Writes, for each sentence, ``VOICE-N-speech.wav`` (language model, flow, codec), ``-tokens.wav`` (flow
from the recording's tokens), ``-codec.wav`` (codec from the recording's latents), and
``samples.tsv`` with file, voice, kind, seconds and text.
"""

import argparse
import os
import time
import wave

import torch

from encode_latents import load_codec
from export_speech import EULER_STEPS, load_checkpoint
from models.codec import SAMPLE_RATE
from models.flow import Flow, sample
from models.language_model import LanguageModel, generate
from speech_data import VOICES, load_items
from speech_trainer import device


def write_wave(audio: torch.Tensor, path: str) -> None:
    """Write ``[N]`` samples in [-1, 1] as 16-bit mono."""
    data = (audio.float().cpu().clamp(-1, 1) * 32767).round().short()
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(data.numpy().tobytes())


def choose(items: list[dict], group: str, count: int) -> list[int]:
    """Rows of some held-out utterances of middle length, spread over all that there are."""
    rows = [i for i, item in enumerate(items) if item["group"] == group]
    held_out = [i for i in rows if items[i]["split"] != "train"] or rows
    held_out = [i for i in held_out if 40 <= len(items[i]["labels"]) <= 250] or held_out
    return held_out[:: max(1, len(held_out) // count)][:count]


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", default="/tmp/data")
    parser.add_argument("--codec", default="/tmp/ckpt/codec.pt")
    parser.add_argument("--checkpoints", default="/tmp/ckpt")
    parser.add_argument("--out", default="/tmp/samples")
    parser.add_argument("--sentences", type=int, default=6)
    parser.add_argument("--temperature", type=float, default=0.8)
    parser.add_argument("--noise", type=float, default=0.8)
    parser.add_argument("--steps", type=int, default=EULER_STEPS)
    args = parser.parse_args()
    os.makedirs(args.out, exist_ok=True)
    torch.manual_seed(0)
    codec = load_codec(args.codec)
    language_model = load_checkpoint(LanguageModel, f"{args.checkpoints}/language_model.pt")
    flow = load_checkpoint(Flow, f"{args.checkpoints}/flow.pt").to(device)
    items = load_items(f"{args.data}/latents.pt")["items"]
    true_tokens = torch.load(f"{args.data}/tokens.pt", weights_only=False)["tokens"]
    lines = []
    for row, voice in enumerate(VOICES):
        for n, i in enumerate(choose(items, voice["group"], args.sentences)):
            item, begin = items[i], time.time()
            tokens, _ = generate(
                language_model,
                item["phones"],
                item["word_start"],
                row,
                temperature=args.temperature,
                seed=n,
            )
            sources = {"speech": torch.tensor(tokens), "tokens": true_tokens[i].long()}
            latents = {
                kind: sample(
                    flow, ids[None].to(device), torch.tensor([row], device=device), args.steps, args.noise
                )
                for kind, ids in sources.items()
            }
            latents["codec"] = item["z"].float()[None].to(device)
            for kind, z in latents.items():
                audio = codec.decode_latents(z)[0]
                name = f"{voice['id']}-{n}-{kind}.wav"
                write_wave(audio, os.path.join(args.out, name))
                seconds = f"{len(audio) / SAMPLE_RATE:.2f}"
                lines.append("\t".join([name, voice["id"], kind, seconds, item["text"]]))
            print(f"{voice['id']} {n}: {len(tokens)} tokens for {len(true_tokens[i])}, "
                  f"{time.time() - begin:.1f}s", flush=True)
    with open(os.path.join(args.out, "samples.tsv"), "w") as file:
        file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
