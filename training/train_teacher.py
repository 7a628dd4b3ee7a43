"""Train the phoneme teacher: frame labels on synthetic speech, CTC on people as well.

    python train_teacher.py --data /tmp/data --out /tmp/ckpt/teacher.pt --seconds 140

Every packed group with phones is used. Rows with ``ends`` have frame labels; the others are people,
whose frames are labelled twice on the way by aligning them with the teacher as it is then.
"""

import argparse
import math
import os
import random
import time

import torch
import torch.nn.functional as F
from torch import Tensor

from align import align_rows
from augment import cut, random_equalizer
from evaluate_teacher import evaluate
from models.cuda_graphs import capture
from models.teacher import BLANK, NUM_MELS, Teacher
from teacher_data import LABEL_SAMPLES, TeacherData

WINDOW = 48000  # 2 s
FRAMES = WINDOW // 480
MAX_SECONDS = 6.0
IGNORE = -100
HUMAN_SHARE = 0.35  # of the frame batch, once people are aligned
ALIGN_AT = (0.4, 0.7)  # of the time
MIN_SCORE = -1.5  # mean log posterior below which an alignment is not believed
CTC_WEIGHT = 0.3
device = "cuda" if torch.cuda.is_available() else "cpu"


def disturb(audio: Tensor) -> Tensor:
    """Change gain and colour of [B, N], and add coloured noise at 5 to 45 dB below the speech."""
    size = audio.shape[0]
    audio = random_equalizer(audio, (torch.rand(size, device=device) < 0.5).float())
    noise = random_equalizer(torch.randn_like(audio), torch.ones(size, device=device))
    level = (audio.square().mean(1, keepdim=True) / noise.square().mean(1, keepdim=True)).sqrt()
    decibels = -5 - 40 * torch.rand(size, 1, device=device)
    noisy = (torch.rand(size, 1, device=device) < 0.6).float()
    audio = audio + noise * level * noisy * 10 ** (decibels / 20)
    return audio * 10 ** (-torch.rand(size, 1, device=device) + 0.2)


def spectrum_mask(size: int, frames: int) -> Tensor:
    """1 where a log-mel [B, frames, 80] is kept: two bands and two stretches of time are not."""
    keep = torch.ones(size, frames, NUM_MELS, dtype=torch.bool, device=device)
    for axis, count, widest in ((2, NUM_MELS, 12), (1, frames, 16)):
        shape = (size, 1, count) if axis == 2 else (size, count, 1)
        index = torch.arange(count, device=device).view(1, *shape[1:])
        for _ in range(2):
            first = torch.rand(size, 1, 1, device=device) * count
            width = torch.rand(size, 1, 1, device=device) * widest
            keep &= ~((index >= first) & (index < first + width))
    return keep.float()


def draw_rates(size: int, spread: Tensor | float) -> Tensor:
    """Speeds at which to read, 1 for one item in three."""
    changed = (torch.rand(size, device=device) < 0.67).float()
    return 1 + changed * spread * (2 * torch.rand(size, device=device) - 1)


class Trainer:
    """The teacher, its optimizer, the static buffers and the two kinds of step."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.data = TeacherData(args.data, device, MAX_SECONDS)
        self.teacher = Teacher().to(device)
        self.params = list(self.teacher.parameters())
        self.rate = torch.tensor(1e-5, device=device)
        cuda = device == "cuda"
        self.optimizer = torch.optim.AdamW(
            self.params, lr=self.rate, betas=(0.9, 0.98), weight_decay=1e-2, capturable=cuda, fused=cuda
        )
        for p in self.params:
            p.grad = torch.zeros_like(p)
        size = args.batch
        self.x = torch.zeros(size, WINDOW, device=device)
        self.y = torch.zeros(size, FRAMES, dtype=torch.long, device=device)
        self.keep = torch.ones(size, 2 * FRAMES, NUM_MELS, device=device)
        self.frame_centres = torch.arange(FRAMES, device=device) * 480 + 240
        self.sample_index = torch.arange(WINDOW, device=device)
        self.random = random.Random(args.seed)
        self.stats: dict[str, Tensor] = {}
        self.step_count = 0

    def refill(self) -> None:
        """Write a new batch with frame labels into the static buffers."""
        data, size = self.data, self.args.batch
        k = torch.randint(0, len(data.synthetic), (size,), device=device)
        spans = data.synthetic[k]
        if data.aligned is not None:
            j = torch.randint(0, len(data.aligned), (size,), device=device)
            human = torch.rand(size, 1, device=device) < HUMAN_SHARE
            spans = torch.where(human, data.aligned[j], spans)
        start, length, labels = spans.unbind(1)
        rates = draw_rates(size, 0.2)
        room = (length - rates * WINDOW - 8).clamp_min(1)
        offset = 1 + (torch.rand(size, device=device) * room).long()
        audio = cut(data.audio, start + offset, rates, WINDOW)
        inside = (offset[:, None] + rates[:, None] * self.sample_index) < (length - 2)[:, None]
        self.x.copy_(disturb(audio * inside))
        position = offset[:, None] + rates[:, None] * self.frame_centres
        there = position < (length - 2)[:, None]
        label = data.labels[labels[:, None] + (position / LABEL_SAMPLES).long() * there].long()
        self.y.copy_(torch.where(there, label, IGNORE))
        self.keep.copy_(spectrum_mask(size, 2 * FRAMES))

    def autocast(self) -> torch.autocast:
        return torch.autocast(device, torch.bfloat16, enabled=device == "cuda", cache_enabled=False)

    def update(self, loss: Tensor) -> None:
        for p in self.params:
            p.grad.zero_()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.params, 1.0, foreach=True)
        self.optimizer.step()

    def frame_step(self) -> None:
        """Cross entropy of the frames in the static buffers; captured."""
        with self.autocast():
            logits, _ = self.teacher(self.teacher.log_mel(self.x) * self.keep)
        loss = F.cross_entropy(logits.flatten(0, 1), self.y.flatten(), ignore_index=IGNORE)
        self.update(loss)
        self.stats["frame"] = loss.detach()

    def ctc_step(self) -> None:
        """CTC on whole utterances of similar length; eager, for ctc_loss reads lengths on the host."""
        rows = self.data.draw_utterances(self.random, self.args.ctc_batch, synthetic_share=0.25)
        if not rows:
            return
        speeds = [1 + 0.2 * (2 * self.random.random() - 1) for _ in rows]
        lengths = [int((row.length - 8) / speed) for row, speed in zip(rows, speeds)]
        frames = max(lengths) // 480 + 1
        start = torch.tensor([row.start + 1 for row in rows], device=device)
        audio = cut(self.data.audio, start, torch.tensor(speeds, device=device), frames * 480)
        limits = torch.tensor(lengths, device=device)
        audio = audio * (torch.arange(frames * 480, device=device) < limits[:, None])
        with self.autocast():
            mel = self.teacher.log_mel(disturb(audio)) * spectrum_mask(len(rows), 2 * frames)
            _, logits = self.teacher(mel)
        loss = F.ctc_loss(
            logits.log_softmax(-1).transpose(0, 1),
            torch.cat([row.classes for row in rows]).to(device),
            torch.tensor([length // 480 + 1 for length in lengths]),
            torch.tensor([len(row.classes) for row in rows]),
            blank=BLANK,
            zero_infinity=True,
        )
        self.update(CTC_WEIGHT * loss)
        self.stats["ctc"] = loss.detach()

    def align_people(self) -> None:
        """Label the frames of people by aligning them with the teacher as it is."""
        begin = time.time()
        people = self.data.people
        if not people:
            return
        self.teacher.eval()
        results = align_rows(self.teacher, self.data.audio, [row.packed() for row in people])
        self.teacher.train()
        used = self.data.set_aligned(
            [(row, a) for row, a in zip(people, results) if a is not None and a.score > MIN_SCORE]
        )
        elapsed = time.time() - begin
        print(f"aligned {used} of {len(people)} people's clips in {elapsed:.1f} s", flush=True)

    def save(self) -> None:
        """Write everything that a later run needs, through a temporary file."""
        state = {
            "model": self.teacher.state_dict(),
            "opt": self.optimizer.state_dict(),
            "step": self.step_count,
        }
        os.makedirs(os.path.dirname(os.path.abspath(self.args.out)), exist_ok=True)
        torch.save(state, f"{self.args.out}.tmp")
        os.replace(f"{self.args.out}.tmp", self.args.out)

    def restore(self) -> None:
        state = torch.load(self.args.out, map_location=device, weights_only=False)
        self.teacher.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["opt"])
        self.optimizer.param_groups[0]["lr"] = self.rate
        self.step_count = state["step"]

    def train(self) -> None:
        args = self.args
        step = capture(self.frame_step, self.refill)
        begin = mark = time.time()
        first = marked = self.step_count
        pending = [0.0, *ALIGN_AT[1:]] if first else list(ALIGN_AT)
        while True:
            taken = self.step_count - first
            done = (time.time() - begin) / args.seconds
            if args.max_steps:
                done = max(done, taken / args.max_steps)
            if done >= 1:
                break
            if pending and done >= pending[0]:
                pending.pop(0)
                self.align_people()
            if taken % 20 == 0:
                decay = 0.5 * (1 + math.cos(math.pi * done)) * 0.99 + 0.01
                self.rate.fill_(args.rate * min(1.0, (taken + 1) / 300) * decay)
            self.refill()
            step()
            if taken % 3 == 2:
                self.ctc_step()
            self.step_count += 1
            if self.step_count % args.report_every == 0:
                values = " ".join(f"{name} {value.item():.3f}" for name, value in self.stats.items())
                now = time.time()
                pace = 1000 * (now - mark) / (self.step_count - marked)
                print(f"{self.step_count} {now - begin:.0f}s {pace:.1f} ms/step {values}", flush=True)
                mark, marked = now, self.step_count
        self.save()
        print(f"saved after {self.step_count} steps", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", default="/tmp/data")
    parser.add_argument("--out", default="/tmp/ckpt/teacher.pt")
    parser.add_argument("--seconds", type=float, default=140)
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--ctc-batch", type=int, default=32)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--report-every", type=int, default=500)
    parser.add_argument("--max-steps", type=int, default=0)
    parser.add_argument("--resume", action="store_true")
    args = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cudnn.allow_tf32 = True
    torch.manual_seed(args.seed)
    trainer = Trainer(args)
    millions = sum(p.numel() for p in trainer.params) / 1e6
    print(f"{millions:.2f} M parameters", flush=True)
    if args.resume and os.path.exists(args.out):
        trainer.restore()
    trainer.train()
    evaluate(trainer.teacher.eval(), trainer.data)


if __name__ == "__main__":
    main()
