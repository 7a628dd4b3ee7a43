"""Make a checkpoint for --freeze-encoder: the averaged weights, without the codec's optimizer."""
import sys
import torch
state = torch.load(sys.argv[1], map_location="cpu", weights_only=False)
state["codec"] = {k: v.clone() for k, v in state["ema"].items()}
state.pop("g_opt", None)
torch.save(state, sys.argv[2])
