"""The language model: phones to tokens of 40 ms, with a pointer that moves along the phones."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .layers import ConvNeXtBlock, RMSNorm, SwiGLU

CHUNK = 8
FLOOR = -16.0  # a log decay, of which float32 has nothing left beside 1


def recurrent_attention(
    q: Tensor, k: Tensor, v: Tensor, g: Tensor, state: Tensor
) -> tuple[Tensor, Tensor]:
    """Gated linear attention, one step after the other; the definition.

    ``S_t = exp(g_t) S_{t-1} + k_t v_t^T`` and ``o_t = S_t^T q_t``.

    Args:
        q: ``[B, H, T, dk]``, scaled already. ``k`` and the log decay ``g`` have the same shape.
        k: Keys.
        v: Values ``[B, H, T, dv]``.
        g: Log decay per key dimension, at most 0.
        state: ``[B, H, dk, dv]``.

    Returns:
        Outputs ``[B, H, T, dv]`` and the last state.
    """
    outputs = []
    for t in range(q.shape[2]):
        state = state * g[:, :, t, :, None].exp() + k[:, :, t, :, None] * v[:, :, t, None, :]
        outputs.append((q[:, :, t, None, :] @ state)[:, :, 0])
    return torch.stack(outputs, 2), state


def chunked_attention(
    q: Tensor, k: Tensor, v: Tensor, g: Tensor, state: Tensor
) -> tuple[Tensor, Tensor]:
    """:func:`recurrent_attention` in chunks (Yang et al. 2023); ``T`` divides by :data:`CHUNK`.

    Decays are taken relative to the middle of a chunk. Half a chunk of the strongest that count is
    ``exp(4 * 16)``, so that neither factor leaves the range of float32: without the floor a gate that
    closes overflows one, and the scores are NaN.
    """
    batch, heads, length, _ = q.shape
    shape = (batch, heads, length // CHUNK, CHUNK, -1)
    q, k, v, g = (x.float().reshape(shape) for x in (q, k, v, g))
    decay = g.clamp_min(FLOOR).cumsum(3)
    last = decay[:, :, :, -1:]
    middle = decay[:, :, :, CHUNK // 2 - 1 : CHUNK // 2]
    scores = (q * (decay - middle).exp()) @ (k * (middle - decay).exp()).transpose(-1, -2)
    mask = torch.ones(CHUNK, CHUNK, dtype=torch.bool, device=q.device).tril()
    inner = scores.masked_fill(~mask, 0) @ v
    update = (k * (last - decay).exp()).transpose(-1, -2) @ v
    keep = last.exp().transpose(-1, -2)
    states = [state]
    for n in range(length // CHUNK):
        states.append(torch.addcmul(update[:, :, n], states[-1], keep[:, :, n]))
    outputs = inner + (q * decay.exp()) @ torch.stack(states[:-1], 2)
    return outputs.flatten(2, 3), states[-1]


class GatedLayer(nn.Module):
    """Gated linear attention and a feed-forward layer, each with a norm before and a residual."""

    def __init__(self, config: dict) -> None:
        super().__init__()
        dim, self.heads = config["dim"], config["heads"]
        self.key_dim, self.value_dim = config["key_dim"], config["value_dim"]
        self.normalizer = config["gate_normalizer"]
        keys, values = self.heads * self.key_dim, self.heads * self.value_dim
        self.norm1 = RMSNorm(dim)
        self.q = nn.Linear(dim, keys, bias=False)
        self.k = nn.Linear(dim, keys, bias=False)
        self.v = nn.Linear(dim, values, bias=False)
        self.gate = nn.Linear(dim, values, bias=False)
        self.decay_down = nn.Linear(dim, config["gate_rank"], bias=False)
        self.decay_up = nn.Linear(config["gate_rank"], keys)
        self.head_norm = RMSNorm(self.value_dim)
        self.out = nn.Linear(values, dim, bias=False)
        self.norm2 = RMSNorm(dim)
        self.ffn = SwiGLU(dim, config["hidden"])

    def forward(self, x: Tensor, state: Tensor, chunked: bool) -> tuple[Tensor, Tensor]:
        """Map ``[B, T, C]`` and ``[B, H, dk, dv]`` to the same shapes."""
        batch, length, _ = x.shape
        h = self.norm1(x)
        decay = self.decay_up(self.decay_down(h))
        parts = (self.q(h) * self.key_dim**-0.5, self.k(h), self.v(h), decay)
        with torch.autocast(x.device.type, enabled=False):
            q, k, v, decay = (
                p.float().view(batch, length, self.heads, -1).transpose(1, 2) for p in parts
            )
            g = F.logsigmoid(decay) / self.normalizer
            attend = chunked_attention if chunked else recurrent_attention
            o, state = attend(q, k, v, g, state.float())
            o = self.head_norm(o.transpose(1, 2)).reshape(batch, length, -1)
        x = x + F.dropout(self.out(o.to(h.dtype) * F.silu(self.gate(h))), 0.1, self.training)
        return x + F.dropout(self.ffn(self.norm2(x)), 0.1, self.training), state


class LanguageModel(nn.Module):
    """Phones and a pointer into them to tokens and the pointer's advances.

    Args:
        dim: Channels.
        encoder_blocks: Blocks of the text encoder.
        encoder_kernel: Taps of each, centred.
        layers: Recurrent layers.
        heads: Heads of each.
        key_dim: Of a head.
        value_dim: Of a head.
        hidden: Of the feed-forward layers.
        gate_rank: Of the decay's matrix.
        gate_normalizer: What the log decay is divided by.
        advance_dim: Channels of the advance head.
        cardinality: Tokens; one more row of the embedding is the "token" before the first.
        max_advance: Phones that the pointer can move in a step.
        dwell_entries: Rows of the embedding of steps spent on a phone; longer ones share the last.
        num_phones: Size of the phone set.
        num_voices: Voices.
    """

    def __init__(
        self,
        dim: int = 384,
        encoder_blocks: int = 5,
        encoder_kernel: int = 7,
        layers: int = 6,
        heads: int = 4,
        key_dim: int = 48,
        value_dim: int = 96,
        hidden: int = 1024,
        gate_rank: int = 16,
        gate_normalizer: float = 16,
        advance_dim: int = 128,
        cardinality: int = 4096,
        max_advance: int = 3,
        dwell_entries: int = 16,
        num_phones: int = 45,
        num_voices: int = 5,
    ) -> None:
        super().__init__()
        self.config = {k: v for k, v in locals().items() if k not in ("self", "__class__")}
        self.phone_emb = nn.Embedding(num_phones, dim)
        self.word_start_emb = nn.Embedding(2, dim)
        self.encoder = nn.ModuleList(
            ConvNeXtBlock(dim, 3, encoder_kernel, causal=False) for _ in range(encoder_blocks)
        )
        self.enc_next_proj = nn.Linear(dim, dim, bias=False)
        self.token_emb = nn.Embedding(cardinality + 1, dim)
        self.dwell_emb = nn.Embedding(dwell_entries, dim)
        self.voice_emb = nn.Embedding(num_voices, dim)
        self.initial_state = nn.Parameter(torch.zeros(num_voices, layers, heads, key_dim, value_dim))
        self.layers = nn.ModuleList(GatedLayer(self.config) for _ in range(layers))
        self.norm = RMSNorm(dim)
        self.token_head = nn.Linear(dim, cardinality)
        self.advance_in = nn.Linear(dim, advance_dim)
        self.token_emb2 = nn.Embedding(cardinality, advance_dim)
        self.advance_out = nn.Linear(advance_dim, max_advance + 1)
        for embedding in self.modules():
            if isinstance(embedding, nn.Embedding):
                nn.init.normal_(embedding.weight, std=0.5)

    @property
    def start_token(self) -> int:
        """What stands for the token before the first."""
        return self.config["cardinality"]

    def encode_phones(self, phones: Tensor, word_start: Tensor) -> Tensor:
        """Phones ``[B, N]`` and word starts (0 or 1) to ``[B, N, C]``.

        Padding (phone 0) is held at zero in every layer: two of them between sentences keep these as
        apart as if each were encoded alone.
        """
        mask = (phones != 0).unsqueeze(-1)
        h = (self.phone_emb(phones) + self.word_start_emb(word_start)) * mask
        for block in self.encoder:
            h = block(h) * mask
        return h

    def step_inputs(
        self, encoded: Tensor, pointers: Tensor, previous: Tensor, dwell: Tensor, voice: Tensor
    ) -> Tensor:
        """Sum of what each step sees, ``[B, T, C]``.

        Args:
            encoded: ``[B, N, C]``; beyond the last phone there are zeros.
            pointers: ``[B, T]`` in ``[0, N)``. The tokens before, ``previous``, and the steps spent
                on the phone, ``dwell``, have the same shape.
            previous: Tokens, or :attr:`start_token`.
            dwell: Any number from 0.
            voice: ``[B]``.
        """
        padded = F.pad(encoded, (0, 0, 0, 1))
        width = padded.shape[-1]

        def take(index: Tensor) -> Tensor:
            return torch.gather(padded, 1, index.unsqueeze(-1).expand(-1, -1, width))

        dwell = dwell.clamp_max(self.config["dwell_entries"] - 1)
        return (
            take(pointers)
            + self.enc_next_proj(take(pointers + 1))
            + self.token_emb(previous)
            + self.dwell_emb(dwell)
            + self.voice_emb(voice)[:, None]
        )

    def states(self, voice: Tensor) -> list[Tensor]:
        """The state ``[B, H, dk, dv]`` of each layer that the voices ``[B]`` begin with."""
        return list(self.initial_state[voice].unbind(1))

    def run_layers(
        self, x: Tensor, states: list[Tensor], chunked: bool
    ) -> tuple[Tensor, list[Tensor]]:
        """Inputs ``[B, T, C]`` to normalised outputs ``[B, T, C]`` and the last states."""
        after = []
        for layer, state in zip(self.layers, states):
            x, state = layer(x, state, chunked)
            after.append(state)
        return self.norm(x), after

    def advance_logits(self, h: Tensor, tokens: Tensor) -> Tensor:
        """Outputs ``[B, T, C]`` and the tokens ``[B, T]`` chosen there to ``[B, T, advances]``."""
        return self.advance_out(F.gelu(self.advance_in(h) + self.token_emb2(tokens)))

    def forward(
        self,
        phones: Tensor,
        word_start: Tensor,
        pointers: Tensor,
        previous: Tensor,
        dwell: Tensor,
        voice: Tensor,
        tokens: Tensor,
        chunked: bool = True,
    ) -> tuple[Tensor, Tensor]:
        """Logits of the tokens ``[B, T, cardinality]`` and of the advances after ``tokens``."""
        encoded = self.encode_phones(phones, word_start)
        x = self.step_inputs(encoded, pointers, previous, dwell, voice)
        x = F.dropout(x, 0.1, self.training)
        h, _ = self.run_layers(x, self.states(voice), chunked)
        return self.token_head(h), self.advance_logits(h, tokens)


def draw(
    logits: Tensor, temperature: float, top_k: int, top_p: float, generator: torch.Generator
) -> int:
    """Draw from logits ``[C]`` by top-k, then nucleus sampling; 0 means no limit to ``top_k``."""
    if temperature <= 0:
        return int(logits.argmax())
    values, order = (logits.float() / temperature).sort(descending=True)
    probabilities = values.softmax(-1)
    if top_k:
        probabilities[top_k:] = 0
    probabilities[(probabilities.cumsum(-1) - probabilities) >= top_p] = 0
    return int(order[torch.multinomial(probabilities, 1, generator=generator)])


@torch.no_grad()
def generate(
    model: LanguageModel,
    phones: Tensor,
    word_start: Tensor,
    voice: int,
    temperature: float = 0.8,
    top_k: int = 50,
    top_p: float = 0.95,
    seed: int = 0,
    max_dwell: int = 40,
) -> tuple[list[int], list[int]]:
    """Speak the phones ``[N]`` of one sentence on the CPU.

    Args:
        model: On the CPU.
        phones: With pauses first and last.
        word_start: ``[N]``, 0 or 1.
        voice: Row of the voice.
        temperature: Of tokens and advances; 0 takes the likeliest.
        top_k: Tokens that are considered; 0 for all.
        top_p: Probability mass of the tokens that are considered.
        seed: Of the random numbers.
        max_dwell: Steps after which the pointer leaves a phone in any case.

    Returns:
        The tokens, and the phone of each.
    """
    generator = torch.Generator().manual_seed(seed)
    row = torch.tensor([voice])
    encoded = model.encode_phones(phones[None].long(), word_start[None].long())
    states = model.states(row)
    token, pointer, dwell = model.start_token, 0, 0
    tokens, pointers = [], []
    while pointer < len(phones):
        one = [torch.tensor([[n]]) for n in (pointer, token, dwell)]
        h, states = model.run_layers(model.step_inputs(encoded, *one, row), states, chunked=False)
        token = draw(model.token_head(h)[0, 0], temperature, top_k, top_p, generator)
        tokens.append(token)
        pointers.append(pointer)
        logits = model.advance_logits(h, torch.tensor([[token]]))[0, 0]
        advance = draw(logits, temperature, 0, 1.0, generator)
        if dwell + 1 >= max_dwell:
            advance = max(advance, 1)
        dwell = 0 if advance else dwell + 1
        pointer += advance
    return tokens, pointers
