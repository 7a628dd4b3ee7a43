"""Train the codec: spectral losses first, then adversarial and with semantic distillation.

    python train_codec.py --data /tmp/data --out /tmp/ckpt/codec.pt --seconds 600 --distill whisper_encoder.pt

A run goes on from ``--out`` with ``--resume``. With ``--judge-every`` the weights that sound best are kept
in ``OUT.best``.
"""

import argparse
import math
import os
import time
from collections.abc import Callable

import torch

from codec_trainer import CodecTrainer, device
from models.cuda_graphs import capture

ALONE = "discriminators alone"


class Run:
    """Trains for the time that was asked for; reports, judges and saves on the way."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.trainer = CodecTrainer(args)
        if args.resume and os.path.exists(args.out):
            self.trainer.restore()
        self.judge = None
        self.best = 0.0

    def load_judge(self) -> None:
        if not self.args.judge_every:
            return
        try:
            from judge import Judge

            self.judge = Judge(self.args.data, device, self.args.judge_clips)
        except Exception as error:  # a run goes on without its judge
            print(f"no judge: {error!r}", flush=True)

    def appraise(self, begin: float) -> None:
        """Print the naturalness of the averaged weights on held-out clips, and keep the best."""
        if self.judge is None:
            return
        try:
            codec = self.trainer.ema.eval()
            people, kokoro = self.judge.scores(codec)
            latents = self.judge.scores(codec, 0)[1]  # of Kokoro, as the voices are spoken
        except Exception as error:  # a run goes on without its judge
            print(f"judge failed: {error!r}", flush=True)
            self.judge = None
            return
        wanted = (latents,) if self.args.voices_only else (people, kokoro)
        known = [value for value in wanted if math.isfinite(value)]
        score = sum(known) / max(1, len(known))
        values = f"people {people:.3f} kokoro {kokoro:.3f} latents {latents:.3f} score {score:.3f}"
        print(f"{self.trainer.step_count} {time.time() - begin:.0f}s DistillMOS {values}", flush=True)
        if score > self.best:
            self.best = score
            self.trainer.save(self.args.out + ".best")

    def report(self, elapsed: float, step_ms: float) -> None:
        names = ("mel", "complex", "semantic", "adversarial", "matching", "discriminator")
        stats, usage = self.trainer.stats, self.trainer.usage
        values = " ".join(f"{n} {stats[n].item():.3f}" for n in names if n in stats)
        used = [(usage[i] > 1).sum().item() for i in (0, 3, 7)]
        print(f"{self.trainer.step_count} {elapsed:.0f}s {step_ms:.1f} ms/step {values} used {used}", flush=True)

    def stages(self) -> list[tuple[str, Callable[[], None], float]]:
        """What is learnt one after the other: name, step and seconds of each."""
        args, trainer = self.args, self.trainer
        alone = args.discriminator_seconds if trainer.new_discriminators else 0
        stages = [
            ("spectral", trainer.spectral_step, args.spectral_seconds),
            (ALONE, trainer.discriminator_step, alone),
            ("adversarial", trainer.adversarial_step, math.inf),
        ]
        return [stage for stage in stages if stage[2] > 0]

    def rate_share(self, elapsed: float) -> float:
        """Share of the full rate after so many seconds, the warm-up apart."""
        args = self.args
        done = elapsed / args.seconds
        share = 1.0 if args.hold else 0.5 * (1 + math.cos(math.pi * done)) * 0.98 + 0.02
        left = args.seconds - elapsed
        if left < args.anneal_seconds:
            share *= 0.1 + 0.9 * max(0.0, left) / args.anneal_seconds
        return share

    def train(self) -> None:
        args, trainer = self.args, self.trainer
        begin = time.time()
        self.load_judge()
        self.appraise(begin)
        judged = time.time()
        stages, until = self.stages(), 0.0
        first = codec_first = trainer.step_count
        mark, marked = time.time(), first
        saved = begin
        while (elapsed := time.time() - begin) < args.seconds:
            if time.time() >= until:
                name, eager, seconds = stages.pop(0)
                if name != "spectral" and trainer.whisper is None:
                    trainer.load_whisper()
                trainer.stats.clear()
                step = capture(eager, trainer.refill)
                print(f"{name} from {time.time() - begin:.0f}s", flush=True)
                mark, marked = time.time(), trainer.step_count
                until = mark + seconds
            if name == ALONE:
                codec_first = trainer.step_count  # its own warm-up is still to come
            if trainer.step_count % 20 == 0:
                rate = args.rate * self.rate_share(elapsed)
                trainer.g_rate.fill_(rate * min(1.0, (trainer.step_count - codec_first + 1) / 500))
                trainer.d_rate.fill_(rate / 2 * min(1.0, (trainer.step_count - first + 1) / 500))
            trainer.refill()
            step()
            trainer.step_count += 1
            reseeding = not args.freeze_encoder and elapsed < 0.75 * args.seconds
            if reseeding and trainer.step_count % 200 == 0:
                trainer.reseed()
            if trainer.step_count % args.report_every == 0:
                if device == "cuda":
                    torch.cuda.synchronize()
                now = time.time()
                self.report(now - begin, 1000 * (now - mark) / (trainer.step_count - marked))
                mark, marked = now, trainer.step_count
            # a lent machine can be taken away at any moment
            if time.time() - saved > args.save_every:
                trainer.save()
                saved = time.time()
            if args.judge_every and time.time() - judged > args.judge_every:
                self.appraise(begin)
                judged = time.time()
            if args.max_steps and trainer.step_count - first >= args.max_steps:
                break
        if device == "cuda":
            torch.cuda.synchronize()
            print(f"peak {torch.cuda.max_memory_allocated() / 1e9:.1f} GB", flush=True)
        trainer.save()
        self.appraise(begin)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", default="/tmp/data")
    parser.add_argument("--out", default="/tmp/ckpt/codec.pt")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--spectral-seconds", type=float, default=100)
    parser.add_argument(
        "--discriminator-seconds",
        type=float,
        default=0,
        help="how long discriminators that begin anew learn alone before the codec hears of them",
    )
    parser.add_argument("--discriminator-width", type=int, default=1, help="times the channels")
    parser.add_argument("--discriminator-bands", action="store_true", help="convolutions for each band")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=6e-4)
    parser.add_argument("--report-every", type=int, default=500)
    parser.add_argument("--save-every", type=float, default=120, help="seconds")
    parser.add_argument("--max-steps", type=int, default=0)
    parser.add_argument("--latent-noise", type=float, default=0.0, help="at most, in standard deviations")
    parser.add_argument("--bypass", type=float, default=0.2, help="share of items with unquantised latents")
    parser.add_argument("--voices-only", action="store_true", help="hear and be judged by the six named voices")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--distill", default="", help="Whisper's encoder, of extract_whisper.py")
    parser.add_argument("--hold", action="store_true", help="keep the rate after the warm-up")
    parser.add_argument(
        "--anneal-seconds", type=float, default=0, help="at the end, in which the rate falls to a tenth"
    )
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
    Run(args).train()


if __name__ == "__main__":
    main()
