"""What the training of the three speech networks has in common."""

import argparse
import copy
import os
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from models.cuda_graphs import capture
from speech_data import learning_rate

EMA = 0.999
device = "cuda" if torch.cuda.is_available() else "cpu"


def parse_arguments(
    description: str,
    out: str,
    seconds: float,
    batch: int,
    rate: float,
    add: Callable[[argparse.ArgumentParser], None] | None = None,
) -> argparse.Namespace:
    """Read the options that every network has, whose defaults are given, and those that ``add`` adds."""
    formatter = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=description, formatter_class=formatter)
    parser.add_argument("--data", default="/tmp/data")
    parser.add_argument("--out", default=out)
    parser.add_argument("--seconds", type=float, default=seconds)
    parser.add_argument("--batch", type=int, default=batch)
    parser.add_argument("--rate", type=float, default=rate)
    parser.add_argument("--max-steps", type=int, default=0)
    parser.add_argument("--evaluate-every", type=int, default=1000, help="steps")
    parser.add_argument("--patience", type=int, default=0, help="evaluations without a better one; 0: any number")
    parser.add_argument("--report-every", type=int, default=200)
    parser.add_argument("--save-every", type=float, default=60, help="seconds")
    parser.add_argument("--resume", action="store_true", help="go on from --out")
    parser.add_argument("--eager", action="store_true", help="capture no CUDA graph")
    if add:
        add(parser)
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cudnn.allow_tf32 = True
    return parser.parse_args()


class SpeechTrainer:
    """Trains ``model`` for some seconds; a subclass fills the batch and computes the loss.

    The step is captured as a CUDA graph, so :meth:`loss` reads nothing but static buffers, which
    :meth:`refill` writes. All random choices belong into :meth:`refill`.

    Args:
        args: Of :func:`parse_arguments`.
        model: What is kept, with a running average of its weights.
        helper: What is trained with it and serves training only.
        weight_decay: Of matrices; vectors and embeddings are spared.
    """

    def __init__(
        self,
        args: argparse.Namespace,
        model: nn.Module,
        helper: nn.Module | None = None,
        weight_decay: float = 0.05,
    ) -> None:
        self.args = args
        self.model = model.to(device)
        self.ema = copy.deepcopy(self.model).requires_grad_(False).eval()
        self.helper = (helper or nn.Module()).to(device)
        self.params = [*self.model.parameters(), *self.helper.parameters()]
        tables = {
            id(m.weight)
            for m in (*self.model.modules(), *self.helper.modules())
            if isinstance(m, nn.Embedding)
        }
        matrices = [p for p in self.params if p.dim() in (2, 3) and id(p) not in tables]
        chosen = {id(p) for p in matrices}
        groups = [
            {"params": matrices, "weight_decay": weight_decay},
            {"params": [p for p in self.params if id(p) not in chosen], "weight_decay": 0.0},
        ]
        cuda = device == "cuda"
        self.rate = torch.tensor(1e-6, device=device)
        self.optimizer = torch.optim.AdamW(
            groups, lr=self.rate, betas=(0.9, 0.98), capturable=cuda, fused=cuda
        )
        for p in self.params:
            p.grad = torch.zeros_like(p)
        self.stats: dict[str, Tensor] = {}
        self.step_count = 0
        self.best, self.best_step = 1e9, 0
        if args.resume and os.path.exists(args.out):
            self.restore()

    def evaluate(self, batches: int) -> float | None:
        return None

    def refill(self) -> None:
        """Write a new batch into the static buffers."""
        raise NotImplementedError

    def loss(self) -> Tensor:
        """Return the loss of the batch, and note parts of it in ``stats``."""
        raise NotImplementedError

    def autocast(self) -> torch.autocast:
        return torch.autocast(device, torch.bfloat16, enabled=device == "cuda", cache_enabled=False)

    def step(self) -> None:
        """Forward, backward and update."""
        loss = self.loss()
        for p in self.params:
            p.grad.zero_()
        loss.backward(inputs=self.params)
        # one batch whose gradients overflow must not end a run (it ended one of the language model's)
        for p in self.params:
            p.grad.nan_to_num_(0.0, 0.0, 0.0)
        torch.nn.utils.clip_grad_norm_(self.params, 1.0, foreach=True)
        self.optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.ema.parameters()), list(self.model.parameters()), 1 - EMA
            )

    def save(self) -> None:
        """Write everything that a later run needs, through a temporary file."""
        state = {
            "config": self.model.config,
            "model": self.model.state_dict(),
            "ema": self.ema.state_dict(),
            "helper": self.helper.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step_count,
        }
        os.makedirs(os.path.dirname(os.path.abspath(self.args.out)), exist_ok=True)
        torch.save(state, self.args.out + ".tmp")
        os.replace(self.args.out + ".tmp", self.args.out)

    def restore(self) -> None:
        state = torch.load(self.args.out, map_location=device, weights_only=False)
        self.model.load_state_dict(state["model"])
        self.ema.load_state_dict(state["ema"])
        self.helper.load_state_dict(state["helper"])
        if "optimizer" in state:
            self.optimizer.load_state_dict(state["optimizer"])
            for group in self.optimizer.param_groups:
                group["lr"] = self.rate
        self.step_count = state["step"]
        print(f"goes on from step {self.step_count}", flush=True)

    def report(self, elapsed: float, step_ms: float) -> None:
        values = " ".join(f"{name} {value.item():.4f}" for name, value in self.stats.items())
        print(f"{self.step_count} {elapsed:.0f}s {step_ms:.1f} ms/step {values}", flush=True)

    def train(self) -> None:
        """Train for the seconds or steps that were asked for, then save."""
        args, begin, first = self.args, time.time(), self.step_count
        self.rate.fill_(1e-6)
        step = self.step if args.eager else capture(self.step, self.refill)
        mark, marked = time.time(), first
        saved = begin
        while (elapsed := time.time() - begin) < args.seconds:
            spent = self.step_count - first
            if spent % 10 == 0:
                self.rate.fill_(learning_rate(args.rate, elapsed / args.seconds, spent))
            self.refill()
            step()
            self.step_count += 1
            if self.step_count % args.report_every == 0 or spent + 1 == args.max_steps:
                self.report(time.time() - begin, self.pace(mark, marked))
                mark, marked = time.time(), self.step_count
            if self.step_count % args.evaluate_every == 0:
                held = self.evaluate(4)
                if held is not None and held < self.best:
                    self.best, self.best_step, out = held, self.step_count, args.out
                    args.out = out + ".best"
                    self.save()
                    args.out = out
                elif args.patience and self.step_count >= self.best_step + args.patience * args.evaluate_every:
                    break
            # a lent machine can be taken away at any moment
            if time.time() - saved > args.save_every:
                self.save()
                saved = time.time()
            if args.max_steps and spent + 1 >= args.max_steps:
                break
        if device == "cuda":
            torch.cuda.synchronize()
            print(f"peak {torch.cuda.max_memory_allocated() / 1e9:.1f} GB", flush=True)
        self.save()

    def pace(self, since: float, first: int) -> float:
        """Milliseconds per step since step ``first`` at time ``since``."""
        if device == "cuda":
            torch.cuda.synchronize()
        return 1000 * (time.time() - since) / max(1, self.step_count - first)
