"""Capture of whole training steps, because small networks are bound by kernel launches."""

from collections.abc import Callable

import torch


def capture(step: Callable[[], None], refill: Callable[[], None], warmups: int = 3) -> Callable[[], None]:
    """Return a function that replays ``step``; on a machine without CUDA, ``step`` itself.

    Args:
        step: Forward, backward and optimizer step on static buffers, with no host synchronisation.
        refill: Writes a new batch into the static buffers.
        warmups: Eager runs on a side stream before the capture; they train too.
    """
    if not torch.cuda.is_available():
        return step
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(warmups):
            refill()
            step()
    torch.cuda.current_stream().wait_stream(stream)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay
