"""Hold chunked attention to its definition, at decays from none to ones that forget everything.

    python check_attention.py

Exits with 1 if outputs, states or gradients of the two differ by more than 1e-4 of the largest value.
"""

import sys

import torch

from models.language_model import chunked_attention, recurrent_attention

TOLERANCE = 1e-4
STEPS = 256


def run(attend, inputs: list[torch.Tensor]) -> list[torch.Tensor]:
    """Outputs, last state and the gradient of each input."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    outputs, state = attend(*leaves)
    gradients = torch.autograd.grad(outputs.square().sum() + state.square().sum(), leaves)
    return [outputs, state, *gradients]


def main() -> None:
    torch.manual_seed(0)
    q, k = torch.randn(2, 2, 4, STEPS, 40)
    v = torch.randn(2, 4, STEPS, 80)
    state = torch.randn(2, 4, 40, 80)
    failed = False
    for strongest in (0, 0.05, 1, 5, 8, 20, 100, 1000):
        # half of the gates stay open, so that strong and weak decays meet in a chunk
        g = -strongest * torch.rand_like(q) * (torch.rand_like(q) < 0.5)
        inputs = [q * 40**-0.5, k, v, g, state]
        pairs = zip(run(chunked_attention, inputs), run(recurrent_attention, inputs))
        errors = [((a - b).abs().max() / b.abs().max().clamp_min(1)).item() for a, b in pairs]
        print(f"log decays down to {-strongest}:", *(f"{error:.1e}" for error in errors))
        failed |= not all(error <= TOLERANCE for error in errors)  # NaN fails
    sys.exit(failed)


if __name__ == "__main__":
    main()
