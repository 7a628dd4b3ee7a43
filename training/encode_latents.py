"""Encode the speech of every voice with the trained codec.

    python encode_latents.py --data /tmp/data --codec /tmp/ckpt/codec.pt --out /tmp/data/latents.pt

Writes ``items`` (one for each utterance: its row in the packed group, latents ``z`` float16
``[2K, 64]``, ``labels`` the phone at each of the K tokens) and ``z_mean`` and ``z_std`` ``[64]`` of
what is trained on.
"""

import argparse
import os
import time

import torch
import torch.nn.functional as F

from models.codec import LOOKAHEAD, Codec
from speech_data import GROUPS, SAMPLES_PER_TOKEN, frame_phones, pad_samples, save_items
from speech_trainer import device

KEPT = ("name", "split", "text", "start", "length")


def load_codec(path: str) -> Codec:
    """Read the averaged weights of a codec checkpoint."""
    state = torch.load(path, map_location="cpu", weights_only=False)
    codec = Codec(**state["config"])
    codec.load_state_dict({name: value.float() for name, value in state["ema"].items()})
    return codec.to(device).eval().requires_grad_(False)


@torch.no_grad()
def encode_group(codec: Codec, path: str, group: str, batch: int) -> list[dict]:
    """Return the items of one packed group, whose utterances all have phones."""
    packed = torch.load(path, weights_only=False)
    rows = [r for r in packed["index"] if r.get("phones") is not None and len(r["phones"]) > 2]
    rows.sort(key=lambda r: r["length"])
    items = []
    for first in range(0, len(rows), batch):
        part = rows[first : first + batch]
        clips = [packed["audio"][r["start"] : r["start"] + r["length"]] for r in part]
        clips = [pad_samples(clip, LOOKAHEAD) for clip in clips]
        audio = torch.nn.utils.rnn.pad_sequence(clips, batch_first=True)
        # few lengths, since each new shape costs seconds of set-up on a GPU
        audio = F.pad(audio, (0, -audio.shape[1] % 96000)).to(device).float() / 32768
        with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
            # the codec is causal, so the padding behind a clip changes nothing in it
            z = codec.encode_latents(audio).half().cpu()
        for row, clip, latents in zip(part, clips, z):
            count = len(clip) // SAMPLES_PER_TOKEN
            phones = torch.as_tensor(row["phones"]).long()
            ends = torch.as_tensor(row["ends"]).float()
            items.append(
                {
                    "group": group,
                    **{key: row[key] for key in KEPT},
                    "z": latents[: 2 * count].clone(),
                    "phones": phones,
                    "ends": ends,
                    "word_start": torch.as_tensor(row["word_start"]).long(),
                    "labels": frame_phones(phones, ends, count),
                }
            )
    return items


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", default="/tmp/data")
    parser.add_argument("--codec", default="/tmp/ckpt/codec.pt")
    parser.add_argument("--out", default="")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--groups", default="")
    args = parser.parse_args()
    begin = time.time()
    codec = load_codec(args.codec)
    items = []
    for group in (args.groups.split(",") if args.groups else GROUPS):
        path = f"{args.data}/{group}.pt"
        if not os.path.exists(path):
            print(f"{group}: missing", flush=True)
            continue
        found = encode_group(codec, path, group, args.batch)
        hours = sum(len(item["z"]) for item in found) / 50 / 3600
        print(f"{group}: {len(found)} utterances, {hours:.2f} h, {time.time() - begin:.0f}s", flush=True)
        items += found
    every = torch.cat([item["z"] for item in items if item["split"] == "train"]).float()
    out = args.out or f"{args.data}/latents.pt"
    save_items(out, items, z_mean=every.mean(0), z_std=every.std(0).clamp_min(1e-3))


if __name__ == "__main__":
    main()
