"""Train the codec: spectral losses first, then adversarial and with semantic distillation.

    python train_codec.py --data /tmp/data --out /tmp/ckpt/codec.pt --seconds 600 --teacher /tmp/ckpt/teacher.pt

The losses and the recipe are those of training/README.md. A run goes on from ``--out`` with
``--resume``.
"""

import argparse
import copy
import math
import os
import time

import torch
import torch.nn.functional as F

from augment import cut, random_equalizer
from models.codec import FROZEN, LOOKAHEAD, Codec
from models.cuda_graphs import capture
from models.discriminators import (
    Discriminators,
    discriminator_loss,
    feature_matching_loss,
    generator_loss,
    halves,
)
from models.losses import SpectralLoss
from models.teacher import Teacher
from models.whisper import load_whisper
from speech_data import GROUPS

WINDOW = 19200  # 0.8 s
CROP = 9600  # what the discriminators see
# how much of a batch each group makes up; people have to be most of what the codec hears
SHARES = {
    "blend": 0.22,
    "af_heart": 0.08,
    "af_sarah": 0.05,
    "am_michael": 0.06,
    "am_puck": 0.05,
    "bf_emma": 0.05,
    "bm_george": 0.04,
    "adults": 0.24,
    "callie": 0.13,
    "commands": 0.08,
}
HUMAN = ("adults", "commands", "callie")
device = "cuda" if torch.cuda.is_available() else "cpu"


class Batches:
    """Cuts random windows out of every group's recordings, which lie on the GPU as int16."""

    def __init__(self, folder: str, size: int, voices_only: bool) -> None:
        self.size = size
        pieces, spans, weights, rate_spread, offset = [], [], [], [], 0
        for group, share in SHARES.items():
            path = f"{folder}/{group}.pt"
            if not os.path.exists(path) or (voices_only and group not in GROUPS):
                continue
            packed = torch.load(path, weights_only=False)
            rows = [r for r in packed["index"] if r["split"] == "train" and r["length"] > WINDOW + 64]
            if not rows:
                continue
            seconds = torch.tensor([r["length"] for r in rows], dtype=torch.float64)
            spans += [(r["start"] + offset, r["length"]) for r in rows]
            weights.append(seconds / seconds.sum() * share)
            rate_spread += [0.2 if group in HUMAN else 0.08] * len(rows)
            pieces.append(packed["audio"])
            offset += len(packed["audio"])
            print(f"{group}: {len(rows)} clips, {seconds.sum() / 24000 / 3600:.2f} h", flush=True)
        self.audio = torch.cat(pieces).to(device)
        self.spans = torch.tensor(spans, device=device)
        # torch.multinomial takes at most 2 ** 24 categories, and it wants float32 on the GPU
        self.weights = torch.cat(weights).float().to(device)
        self.rate_spread = torch.tensor(rate_spread, device=device)

    def draw(self) -> torch.Tensor:
        """Return ``[B, WINDOW]`` augmented samples."""
        size = self.size
        k = torch.multinomial(self.weights, size, replacement=True)
        start, length = self.spans[k, 0], self.spans[k, 1]
        changed = (torch.rand(size, device=device) < 0.6).float()
        rates = 1 + changed * self.rate_spread[k] * (2 * torch.rand(size, device=device) - 1)
        rates = torch.minimum(rates, (length - 8).float() / (WINDOW + 4))
        room = (length - rates * WINDOW - 6).clamp_min(1)
        starts = start + 1 + (torch.rand(size, device=device) * room).long()
        x = cut(self.audio, starts, rates, WINDOW)
        x = random_equalizer(x, (torch.rand(size, device=device) < 0.25).float())
        gain = 10 ** (-torch.rand(size, 1, device=device) * 0.6 + 0.1)
        sign = torch.randint(0, 2, (size, 1), device=device) * 2 - 1
        noise = torch.randn_like(x) * (torch.rand(size, 1, device=device) < 0.1) * 1e-3
        return (x * gain + noise).clamp(-1, 1) * sign


class Trainer:
    """The networks, their optimizers and the steps that are captured."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.batches = Batches(args.data, args.batch, args.voices_only)
        self.codec = Codec().to(device)
        self.ema = copy.deepcopy(self.codec).requires_grad_(False)
        self.discriminators = Discriminators().to(device)
        features = 512 if args.distill else 256
        self.distill = torch.nn.Linear(self.codec.config["latent_dim"], features).to(device)
        self.losses = SpectralLoss().to(device)
        self.teacher: torch.nn.Module | None = None
        self.judge = None
        self.best = 0.0
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
        with torch.set_grad_enabled(not self.args.freeze_encoder):
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
        if self.teacher is not None:
            with torch.no_grad(), self.autocast():
                target = self.teacher.features(self.x).float()
            # the first and last frames lack the context that the teacher wants
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

    def adversarial_step(self) -> None:
        """One step of both sides on one forward pass of the discriminators."""
        y, quantizer = self.reconstruct()
        with self.autocast():
            # one pass over both halves, because the step is bound by the number of kernels
            both = self.discriminators(torch.cat([self.crop(y), self.crop(self.x)]))
        fake, real = halves(both, 0), halves(both, 1)
        d_loss = discriminator_loss(real, fake)
        adversarial, matching = generator_loss(fake), feature_matching_loss(real, fake)
        g_loss = self.spectral(y) + quantizer
        g_loss = g_loss + self.args.adversarial_weight * adversarial
        g_loss = g_loss + self.args.matching_weight * matching
        for p in self.g_params + self.d_params:
            p.grad.zero_()
        d_loss.backward(inputs=self.d_params, retain_graph=True)
        g_loss.backward(inputs=self.g_params)
        torch.nn.utils.clip_grad_norm_(self.d_params, 10.0, foreach=True)
        self.d_opt.step()
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
        self.discriminators.load_state_dict(state["discriminators"])
        if state["distill"]["weight"].shape == self.distill.weight.shape:
            self.distill.load_state_dict(state["distill"])
        for name, optimizer in (("g_opt", self.g_opt), ("d_opt", self.d_opt)):
            if name in state:
                rate = optimizer.param_groups[0]["lr"]
                optimizer.load_state_dict(state[name])
                optimizer.param_groups[0]["lr"] = rate
        self.step_count = state["step"]

    def load_teacher(self) -> None:
        """Wait for the teacher, which trains beside this run, and freeze it."""
        deadline = time.time() + self.args.teacher_wait
        wanted = not self.args.freeze_encoder
        while wanted and not self.args.distill and not os.path.exists(self.args.teacher) and time.time() < deadline:
            time.sleep(1)
        if wanted and self.args.distill:
            try:
                self.teacher = load_whisper(self.args.distill).to(device)
                return
            except (OSError, RuntimeError) as error:
                print(f"no Whisper: {error!r}", flush=True)
                return
        if not wanted or not os.path.exists(self.args.teacher):
            print("no teacher: training without semantic distillation", flush=True)
            return
        state = torch.load(self.args.teacher, map_location=device, weights_only=False)
        teacher = Teacher().to(device)
        teacher.load_state_dict(state["model"])
        self.teacher = teacher.eval().requires_grad_(False)

    def appraise(self, begin: float) -> None:
        """Print the naturalness of the averaged weights on held-out clips, and keep the best."""
        if self.judge is None:
            return
        try:
            self.ema.eval()
            people, kokoro = self.judge.scores(self.ema)
            latents = self.judge.scores(self.ema, 0)[1]  # of Kokoro, as the voices are spoken
        except Exception as error:  # a run goes on without its judge
            print(f"judge failed: {error!r}", flush=True)
            self.judge = None
            return
        wanted = (latents,) if self.args.voices_only else (people, kokoro)
        known = [value for value in wanted if math.isfinite(value)]
        score = sum(known) / max(1, len(known))
        values = f"people {people:.3f} kokoro {kokoro:.3f} latents {latents:.3f} score {score:.3f}"
        print(f"{self.step_count} {time.time() - begin:.0f}s DistillMOS {values}", flush=True)
        if score > self.best:
            self.best = score
            self.save(self.args.out + ".best")

    def report(self, elapsed: float, step_ms: float) -> None:
        names = ("mel", "complex", "semantic", "adversarial", "matching", "discriminator")
        values = " ".join(f"{n} {self.stats[n].item():.3f}" for n in names if n in self.stats)
        used = [(self.usage[i] > 1).sum().item() for i in (0, 3, 7)]
        print(f"{self.step_count} {elapsed:.0f}s {step_ms:.1f} ms/step {values} used {used}", flush=True)

    def train(self) -> None:
        args = self.args
        begin = time.time()
        if args.judge_every:
            try:
                from judge import Judge

                self.judge = Judge(args.data, device, args.judge_clips)
            except Exception as error:  # a run goes on without its judge
                print(f"no judge: {error!r}", flush=True)
        self.appraise(begin)
        judged = time.time()
        step, adversarial = None, False
        first = self.step_count
        mark, marked = time.time(), first
        saved = begin
        while (elapsed := time.time() - begin) < args.seconds:
            if step is None and args.spectral_seconds > 0:
                step = capture(self.spectral_step, self.refill)
            if not adversarial and elapsed >= args.spectral_seconds:
                self.load_teacher()
                self.stats.clear()
                step, adversarial = capture(self.adversarial_step, self.refill), True
                print(f"adversarial from {time.time() - begin:.0f}s", flush=True)
                mark, marked = time.time(), self.step_count
            if self.step_count % 20 == 0:
                done = elapsed / args.seconds
                decay = 1.0 if args.hold else 0.5 * (1 + math.cos(math.pi * done)) * 0.98 + 0.02
                warm = min(1.0, (self.step_count - first + 1) / 500)
                self.g_rate.fill_(args.rate * warm * decay)
                self.d_rate.fill_(args.rate / 2 * warm * decay)
            self.refill()
            step()
            self.step_count += 1
            reseeding = not args.freeze_encoder and elapsed < 0.75 * args.seconds
            if reseeding and self.step_count % 200 == 0:
                self.reseed()
            if self.step_count % args.report_every == 0:
                if device == "cuda":
                    torch.cuda.synchronize()
                now = time.time()
                self.report(now - begin, 1000 * (now - mark) / (self.step_count - marked))
                mark, marked = now, self.step_count
            # a lent machine can be taken away at any moment
            if time.time() - saved > args.save_every:
                self.save()
                saved = time.time()
            if args.judge_every and time.time() - judged > args.judge_every:
                self.appraise(begin)
                judged = time.time()
            if args.max_steps and self.step_count - first >= args.max_steps:
                break
        if device == "cuda":
            torch.cuda.synchronize()
            print(f"peak {torch.cuda.max_memory_allocated() / 1e9:.1f} GB", flush=True)
        self.save()
        self.appraise(begin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", default="/tmp/data")
    parser.add_argument("--out", default="/tmp/ckpt/codec.pt")
    parser.add_argument("--teacher", default="/tmp/ckpt/teacher.pt")
    parser.add_argument("--teacher-wait", type=float, default=60, help="seconds")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--spectral-seconds", type=float, default=100)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--report-every", type=int, default=500)
    parser.add_argument("--save-every", type=float, default=120, help="seconds")
    parser.add_argument("--max-steps", type=int, default=0)
    parser.add_argument("--latent-noise", type=float, default=0.0, help="at most, in standard deviations")
    parser.add_argument("--bypass", type=float, default=0.2, help="share of items with unquantised latents")
    parser.add_argument("--voices-only", action="store_true", help="hear and be judged by the six named voices")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--distill", default="", help="Whisper's encoder instead of --teacher")
    parser.add_argument("--hold", action="store_true", help="keep the rate after the warm-up")
    parser.add_argument("--ema", type=float, default=0.999)
    parser.add_argument("--mel-weight", type=float, default=15.0)
    parser.add_argument("--complex-weight", type=float, default=4.0)
    parser.add_argument("--adversarial-weight", type=float, default=1.0)
    parser.add_argument("--matching-weight", type=float, default=8.0)
    parser.add_argument("--judge-every", type=float, default=0, help="seconds between scores; 0: never")
    parser.add_argument("--judge-clips", type=int, default=10, help="of people, and as many of Kokoro")
    parser.add_argument(
        "--freeze-encoder",
        action="store_true",
        help="train the decoder alone, so that latents and codes stay what they are",
    )
    args = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cudnn.allow_tf32 = True
    trainer = Trainer(args)
    if args.resume and os.path.exists(args.out):
        trainer.restore()
    trainer.train()


if __name__ == "__main__":
    main()
