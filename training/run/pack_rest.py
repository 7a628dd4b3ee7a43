"""Pack what a later run can go on from: discriminators, and the tokens of all speech."""

import argparse
import os
import sys

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from speech_data import load_items  # noqa: E402


def pack_helpers(checkpoints: str, out: str) -> None:
    """Write the discriminators of the last codec checkpoint as fp16."""
    names = ("decoder.pt", "codec.pt")
    path = next(p for p in (f"{checkpoints}/{name}" for name in names) if os.path.exists(p))
    state = torch.load(path, map_location="cpu", weights_only=False)
    distill = state["distill"]
    if os.path.exists(f"{checkpoints}/codec.pt"):  # the decoder's run does not train this layer
        distill = torch.load(f"{checkpoints}/codec.pt", map_location="cpu", weights_only=False)["distill"]
    helpers = {"distill": distill, "step": state["step"]}
    if "discriminators" in state:  # there may be none until the first save
        helpers["discriminators"] = {k: v.half() for k, v in state["discriminators"].items()}
        helpers["discriminator_config"] = state["discriminator_config"]
    torch.save(helpers, f"{out}/helpers.pt")


def pack_tokens(data: str, out: str) -> None:
    """Write tokens, phones and their ends in milliseconds of every utterance, each kind in one tensor."""
    latents = load_items(f"{data}/latents.pt")
    tokens = torch.load(f"{data}/tokens.pt", weights_only=False)
    items = latents["items"]
    columns = {
        "phones": torch.cat([i["phones"].to(torch.uint8) for i in items]),
        "word_start": torch.cat([i["word_start"].to(torch.uint8) for i in items]),
        "ends": torch.cat([(i["ends"] * 1000).round().to(torch.int32) for i in items]),
        "tokens": torch.cat([t.short() for t in tokens["tokens"]]),
        "phone_counts": torch.tensor([len(i["phones"]) for i in items]),
        "token_counts": torch.tensor([len(t) for t in tokens["tokens"]]),
    }
    lists = {key: [i[key] for i in items] for key in ("group", "split")}
    rest = {"cardinality": tokens["cardinality"], "z_mean": latents["z_mean"], "z_std": latents["z_std"]}
    torch.save({**columns, **lists, **rest}, f"{out}/tokens.pt.tmp")
    os.replace(f"{out}/tokens.pt.tmp", f"{out}/tokens.pt")  # a language model may be reading the last one


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoints", required=True)
    parser.add_argument("--data", default="", help="folder of latents.pt and tokens.pt; without it no tokens")
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    pack_helpers(args.checkpoints, args.out)
    if args.data:
        pack_tokens(args.data, args.out)


if __name__ == "__main__":
    main()
