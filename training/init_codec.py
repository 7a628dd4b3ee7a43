"""A checkpoint to go on from, out of exported codec weights; new layers begin as the identity.

    python init_codec.py FOLDER OUT [old]

There are no discriminators, so that they begin anew, unless FOLDER has discriminators.pt. ``old`` keeps the exported sizes.
"""

import json
import os
import sys

import torch
from safetensors.torch import load_file

from models.codec import Codec
from models.discriminators import Discriminators
from models.whisper import DIM

folder, out = sys.argv[1:3]
weights = {k: v.float() for k, v in load_file(f"{folder}/model.safetensors").items()}
if "old" in sys.argv:
    codec = Codec(dec_blocks=(6, 5), dec_lookahead=0)
    codec.load_state_dict(weights)
else:
    codec = Codec()
    target = codec.state_dict()
    for name, value in weights.items():
        if target[name].shape == value.shape:
            target[name] = value
        elif name == "dec_in.weight":  # the new taps, which see ahead, begin at zero
            target[name] = torch.zeros_like(target[name])
            target[name][:, :, : value.shape[2]] = value
        else:
            raise ValueError(name)
    for name in target:
        if name not in weights and name.endswith("gamma"):
            target[name] = torch.full_like(target[name], 0.01)
    codec.load_state_dict(target)
state = {"config": codec.config, "codec": codec.state_dict(), "ema": codec.state_dict(),
         "distill": torch.nn.Linear(codec.config["latent_dim"], DIM).state_dict(), "step": 0}
if os.path.exists(f"{folder}/discriminators.pt"):
    saved = torch.load(f"{folder}/discriminators.pt", map_location="cpu", weights_only=False)
    state["discriminator_config"] = Discriminators().config  # of files that do not name theirs
    state.update(saved, discriminators={k: v.float() for k, v in saved["discriminators"].items()})
torch.save(state, out)
