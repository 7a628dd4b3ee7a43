"""Write what the exported pronouncer answers, for TypeScript to reproduce.

    python golden_g2p.py --model ../models/g2p --out ../test/golden/g2p
"""

import argparse
import json
import os

import torch
from safetensors.torch import load_file, save_file

from models.g2p import GraphemeToPhoneme, read, spell

WORDS = ("linnet", "blorfing", "o'shaughnessy", "qz", "xylophonist", "a", "kubernetes", "antiquarianism", "blorf")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", default="../models/g2p")
    parser.add_argument("--out", default="../test/golden/g2p")
    args = parser.parse_args()
    with open(f"{args.model}/config.json") as file:
        config = json.load(file)
    names = ("phones", "dim", "blocks", "kernel", "repeat")
    model = GraphemeToPhoneme(**{name: config[name] for name in names}).eval()
    state = load_file(f"{args.model}/model.safetensors")
    model.load_state_dict({name: value.float() for name, value in state.items()})
    letters = torch.zeros(len(WORDS), config["maxLetters"], dtype=torch.long)
    for i, word in enumerate(WORDS):
        letters[i, : len(spell(word))] = torch.tensor(spell(word))
    with torch.no_grad():
        logits = model(letters)
    answers = {}
    for i, word in enumerate(WORDS):
        answers[word] = read(logits[i, : model.repeat * len(spell(word))].tolist(), config["sounds"])
    os.makedirs(args.out, exist_ok=True)
    frames = letters.repeat_interleave(model.repeat, 1)
    save_file({"in.frames": frames, "out.logits": logits.contiguous()}, f"{args.out}/real.safetensors")
    with open(f"{args.out}/real.json", "w") as file:
        json.dump(answers, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
