"""Reduce a codec checkpoint to fp16 averaged weights (and the discriminators) for keeping.

    python collect_codec.py /tmp/ckpt/codec.pt /tmp/ckpt/codec-small.pt
"""

import sys

import torch


def halve(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return a copy with floating-point tensors as fp16 on the CPU."""
    return {k: v.cpu().half() if v.is_floating_point() else v.cpu() for k, v in state.items()}


def main() -> None:
    source, target = sys.argv[1:3]
    state = torch.load(source, map_location="cpu", weights_only=False)
    averaged = halve(state["ema"])
    small = {
        "config": state["config"],
        "step": state["step"],
        "codec": averaged,
        "ema": averaged,
        "discriminators": halve(state["discriminators"]),
        "distill": halve(state["distill"]),
    }
    torch.save(small, target)


if __name__ == "__main__":
    main()
