"""The codec's networks, their optimizers and the three kinds of step, which are captured as CUDA graphs.

The losses are those of training/README.md.
"""

import argparse
import copy
import os

import torch
import torch.nn.functional as F

from codec_data import WINDOW, Batches
from models.codec import FROZEN, LOOKAHEAD, Codec
from models.discriminators import (
    Discriminators,
    Outputs,
    discriminator_loss,
    feature_matching_loss,
    generator_loss,
    halves,
)
from models.losses import SpectralLoss
from models.whisper import DIM, WhisperEncoder, try_whisper

CROP = 9600  # what the discriminators see
device = "cuda" if torch.cuda.is_available() else "cpu"


class CodecTrainer:
    """Fills batches and takes steps.

    A step reads nothing but static buffers, which :meth:`refill` writes, and notes in ``stats`` what it found.

    Args:
        args: Options of train_codec.py.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.batches = Batches(args.data, args.batch, args.voices_only, device)
        self.codec = Codec().to(device)
        self.ema = copy.deepcopy(self.codec).requires_grad_(False)
        self.discriminators = Discriminators(args.discriminator_width, args.discriminator_bands).to(device)
        self.new_discriminators = True
        self.distill = torch.nn.Linear(self.codec.config["latent_dim"], DIM).to(device)
        self.losses = SpectralLoss().to(device)
        self.whisper: WhisperEncoder | None = None
        self.g_params = [*self.codec.parameters(), *self.distill.parameters()]
        if args.freeze_encoder:
            for name, parameter in self.codec.named_parameters():
                parameter.requires_grad_(not name.startswith(FROZEN))
            self.g_params = [p for p in self.codec.parameters() if p.requires_grad]
        self.d_params = list(self.discriminators.parameters())
        self.g_rate = torch.tensor(1e-5, device=device)
        self.d_rate = torch.tensor(1e-5, device=device)
        cuda = device == "cuda"
        options = {"betas": (0.8, 0.99), "weight_decay": 1e-3, "capturable": cuda, "fused": cuda}
        self.g_opt = torch.optim.AdamW(self.g_params, lr=self.g_rate, **options)
        self.d_opt = torch.optim.AdamW(self.d_params, lr=self.d_rate, **options)
        for p in self.g_params + self.d_params:
            p.grad = torch.zeros_like(p)
        size = args.batch
        self.x = torch.zeros(size, WINDOW, device=device)
        self.levels = torch.zeros(size, dtype=torch.long, device=device)
        self.bypass = torch.zeros(size, 1, 1, device=device)
        self.crops = torch.zeros(size, 1, dtype=torch.long, device=device)
        self.crop_index = torch.arange(CROP, device=device)
        self.rows = torch.arange(size, device=device)
        levels, entries = self.codec.config["num_codebooks"], self.codec.config["cardinality"]
        self.usage = torch.full((levels, entries), 2.0, device=device)
        self.stats: dict[str, torch.Tensor] = {}
        self.step_count = 0

    def refill(self) -> None:
        """Write a new batch and new random choices into the static buffers."""
        size = self.args.batch
        self.x.copy_(self.batches.draw())
        levels = len(self.codec.vq)
        some = torch.randint(0, levels, (size,), device=device)
        every = torch.rand(size, device=device) < 0.45
        self.levels.copy_(torch.where(every, torch.full_like(some, levels - 1), some))
        self.bypass.copy_((torch.rand(size, 1, 1, device=device) < self.args.bypass).float())
        self.crops.random_(0, WINDOW - LOOKAHEAD - self.codec.delay - CROP)

    def autocast(self) -> torch.autocast:
        return torch.autocast(device, torch.bfloat16, enabled=device == "cuda", cache_enabled=False)

    def reconstruct(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Run the codec on the batch; return the audio and the quantiser and semantic losses."""
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.args.freeze_encoder):
            with self.autocast():
                z = self.codec.encode_latents(self.x)
            sums, codes, commitment = self.codec.quantize(z)
        q = torch.stack(sums, 1)[self.rows, self.levels]
        q = q * (1 - self.bypass) + z.float() * self.bypass
        if self.args.latent_noise:  # what a flow model's latents are off by
            spread = z.float().std((0, 1), keepdim=True) * self.bypass * self.args.latent_noise
            q = q + spread * torch.rand_like(self.bypass) * torch.randn_like(q)
        with self.autocast():
            y = self.codec.decode_latents(q)
        if self.whisper is not None:
            with torch.no_grad(), self.autocast():
                target = self.whisper.features(self.x).float()
            # the first and last frames lack the context that Whisper wants
            similarity = F.cosine_similarity(self.distill(sums[0]), target, dim=-1)[:, 3:-3]
            semantic = 1 - similarity.mean()
            self.stats["semantic"] = semantic.detach()
        else:
            semantic = y.new_zeros(())
        with torch.no_grad():
            for usage, ids in zip(self.usage, codes):
                flat = ids.reshape(-1)
                usage.mul_(0.99).scatter_add_(0, flat, torch.ones_like(flat, dtype=torch.float))
        self.stats["z"], self.stats["sums"] = z.detach(), torch.stack(sums).detach()
        return y, commitment + semantic

    def spectral(self, y: torch.Tensor) -> torch.Tensor:
        mel, compressed = self.losses(y, self.x[:, : y.shape[1]])
        self.stats["mel"], self.stats["complex"] = mel.detach(), compressed.detach()
        return self.args.mel_weight * mel + self.args.complex_weight * compressed

    def update_codec(self) -> None:
        torch.nn.utils.clip_grad_norm_(self.g_params, 3.0, foreach=True)
        self.g_opt.step()
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.ema.parameters()), list(self.codec.parameters()), 1 - self.args.ema
            )

    def spectral_step(self) -> None:
        """One step without discriminators."""
        y, quantizer = self.reconstruct()
        loss = self.spectral(y) + quantizer
        for p in self.g_params:
            p.grad.zero_()
        loss.backward(inputs=self.g_params)
        self.update_codec()

    def crop(self, audio: torch.Tensor) -> torch.Tensor:
        return torch.gather(audio, 1, self.crops + self.crop_index)

    def discriminate(self, y: torch.Tensor) -> tuple[Outputs, Outputs]:
        """Return what the discriminators say of the batch, and of ``y``, what the codec made of it."""
        with self.autocast():
            # one pass over both halves, because the step is bound by the number of kernels
            both = self.discriminators(torch.cat([self.crop(y), self.crop(self.x)]))
        return halves(both, 1), halves(both, 0)

    def update_discriminators(self) -> None:
        torch.nn.utils.clip_grad_norm_(self.d_params, 10.0, foreach=True)
        self.d_opt.step()

    def discriminator_step(self) -> None:
        """One step of the discriminators alone, on what the codec makes as it is."""
        with torch.no_grad():
            y, _ = self.reconstruct()
        d_loss = discriminator_loss(*self.discriminate(y))
        for p in self.d_params:
            p.grad.zero_()
        d_loss.backward(inputs=self.d_params)
        self.update_discriminators()
        self.stats["discriminator"] = d_loss.detach()

    def adversarial_step(self) -> None:
        """One step of both sides on one forward pass of the discriminators."""
        y, quantizer = self.reconstruct()
        real, fake = self.discriminate(y)
        d_loss = discriminator_loss(real, fake)
        adversarial, matching = generator_loss(fake), feature_matching_loss(real, fake)
        g_loss = self.spectral(y) + quantizer
        g_loss = g_loss + self.args.adversarial_weight * adversarial
        g_loss = g_loss + self.args.matching_weight * matching
        for p in self.g_params + self.d_params:
            p.grad.zero_()
        d_loss.backward(inputs=self.d_params, retain_graph=True)
        g_loss.backward(inputs=self.g_params)
        self.update_discriminators()
        self.update_codec()
        self.stats["adversarial"], self.stats["matching"] = adversarial.detach(), matching.detach()
        self.stats["discriminator"] = d_loss.detach()

    @torch.no_grad()
    def reseed(self) -> None:
        """Give entries that nothing chose for long the place of a random vector of the batch."""
        for i, level in enumerate(self.codec.vq):
            dead = (self.usage[i] < 1.0).nonzero().flatten()
            if len(dead):
                residual = self.stats["z"].float()
                if i:
                    residual = residual - self.stats["sums"][i - 1]
                e = level.input(residual).reshape(-1, level.codebook.shape[1])
                chosen = e[torch.randint(0, len(e), (len(dead),), device=device)]
                level.codebook.data[dead] = chosen
                self.ema.vq[i].codebook.data[dead] = chosen
                self.usage[i][dead] = 2.0

    def save(self, out: str = "") -> None:
        """Write everything that a later run needs, through a temporary file."""
        out = out or self.args.out
        state = {
            "config": self.codec.config,
            "codec": self.codec.state_dict(),
            "ema": self.ema.state_dict(),
            "discriminator_config": self.discriminators.config,
            "discriminators": self.discriminators.state_dict(),
            "distill": self.distill.state_dict(),
            "g_opt": self.g_opt.state_dict(),
            "d_opt": self.d_opt.state_dict(),
            "step": self.step_count,
        }
        os.makedirs(os.path.dirname(os.path.abspath(out)), exist_ok=True)
        torch.save(state, out + ".tmp")
        os.replace(out + ".tmp", out)

    def restore(self) -> None:
        state = torch.load(self.args.out, map_location=device, weights_only=False)
        self.codec.load_state_dict(state["codec"])
        self.ema.load_state_dict(state["ema"])
        self.new_discriminators = state.get("discriminator_config") != self.discriminators.config
        if self.new_discriminators:
            print(f"discriminators begin anew: {self.discriminators.config}", flush=True)
            state.pop("d_opt", None)
        else:
            self.discriminators.load_state_dict(state["discriminators"])
        if state["distill"]["weight"].shape == self.distill.weight.shape:
            self.distill.load_state_dict(state["distill"])
        for name, optimizer in (("g_opt", self.g_opt), ("d_opt", self.d_opt)):
            if name in state:
                rate = optimizer.param_groups[0]["lr"]
                optimizer.load_state_dict(state[name])
                optimizer.param_groups[0]["lr"] = rate
        self.step_count = state["step"]

    def load_whisper(self) -> None:
        """Read what level 1 is distilled towards, unless the encoder is frozen."""
        self.whisper = None if self.args.freeze_encoder else try_whisper(self.args.distill, device)
