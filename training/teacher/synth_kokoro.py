"""Speak sentences with Kokoro on one or more GPUs and write packed groups with the ends of phones.

    python synth_kokoro.py --model kokoro.pt --text sentences.json.xz --voices voices.npz --out /tmp/data \
        --seconds 300 --procs 24 --gpus 2

A group a named voice, and ``blend``: random mixtures of all voices at random speeds, for the codec.
"""
import argparse, glob, json, lzma, os, random, time
import numpy as np

RATE = 24000
NAMED = {"af_heart": 0.32, "af_sarah": 0.12, "am_michael": 0.16, "am_puck": 0.11, "bf_emma": 0.10, "bm_george": 0.07,
         "blend": 0.12}
LEAD, TAIL = 0.06, 0.22  # seconds of silence that are kept before and after the speech
LATE = 0.052  # seconds by which the model's own durations lag behind what is heard (measured)


def durations_to_ends(phones, spelled, vocab, durations):
    """Ends in seconds of each phone, from the frames (25 ms) of each symbol; pads at both ends."""
    per = np.zeros(len(phones))
    per[0] += durations[0]
    k = 1
    for i, s in enumerate(spelled):
        for ch in s:
            if ch not in vocab:
                continue
            d = durations[k]; k += 1
            if ch == " " and i > 0:
                if phones[i - 1].startswith("pau"):
                    per[i - 1] += d
                else:
                    per[i - 1] += d / 2; per[i] += d / 2
            else:
                per[i] += d
    per[-1] += durations[k:].sum()
    return np.cumsum(per) * 600 / RATE


def work(rank, args, jobs_seed):
    os.environ["OMP_NUM_THREADS"] = "1"
    import torch, sys
    torch.set_num_threads(1)
    torch.backends.cuda.matmul.allow_tf32 = True
    torch.backends.cudnn.allow_tf32 = True
    torch.backends.cudnn.benchmark = False
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from kokoro_teacher import load
    from arpabet import IDS, read_sentences
    cuda = torch.cuda.is_available()
    device = f"cuda:{rank % args.gpus}" if cuda else "cpu"
    model = load(args.model, device)
    vocab = model.vocab
    tables = {k: torch.from_numpy(v.astype(np.float32)).to(device) for k, v in np.load(args.voices).items()}
    names = sorted(tables)
    sentences = read_sentences(args.text)
    held = len(sentences) - 60
    rng = random.Random(jobs_seed + rank)
    kinds, weights = list(NAMED), list(NAMED.values())
    audio = {k: [] for k in kinds}; index = {k: [] for k in kinds}; at = {k: 0 for k in kinds}
    begin = time.time(); n = 0; made = 0.0
    order = list(range(len(sentences)))
    # every process has sentences of its own, so that no sentence is spoken twice
    random.Random(jobs_seed).shuffle(order)
    order = order[rank :: args.procs]
    rng.shuffle(order)
    pos = 0
    while time.time() - begin < args.seconds and (not args.max or n < args.max):
        group = rng.choices(kinds, weights)[0]
        if rank == 0 and n < 240:  # held-out sentences, the same for every voice
            si = held + n // len(kinds) if n // len(kinds) < 34 else held; group = kinds[n % len(kinds)]
            split = "test"
        else:
            si = order[pos % len(order)]; pos += 1
            if si >= held: continue
            split = "train"
        s = sentences[si]
        speed = 1.0
        ids = [vocab[ch] for sp in s["spelled"] for ch in sp if ch in vocab]
        row = min((len(ids)) // 6, 84)
        if group == "blend":
            pick = rng.sample(names, rng.choice([1, 2, 2, 3]))
            ws = np.random.default_rng(rng.randrange(1 << 30)).dirichlet([1.0] * len(pick))
            style = sum(float(w) * tables[p][row] for w, p in zip(ws, pick))[None]
            speed = rng.uniform(0.8, 1.2)
            speaker = "+".join(pick)
        else:
            style = tables[group][row][None]; speaker = group
        n += 1
        try:
            with torch.inference_mode():
                x = torch.tensor([[0, *ids, 0]], device=device)
                wave, dur = model.forward_with_tokens(x, style, speed)
                wave = wave.float().cpu().numpy(); dur = dur.cpu().numpy().astype(np.float64)
        except Exception as e:
            print("failed", s["text"][:50], repr(e)[:200], flush=True)
            continue
        ends = durations_to_ends(s["phones"], s["spelled"], vocab, dur)
        loud = np.nonzero(np.abs(wave) > 0.012)[0]
        if len(loud) == 0: continue
        a = max(0, loud[0] - int(LEAD * RATE)); b = min(len(wave), loud[-1] + int(TAIL * RATE))
        wave = wave[a:b]
        ends = np.clip(ends - a / RATE - LATE, 0.02, len(wave) / RATE)
        ends[-1] = len(wave) / RATE
        ends = np.maximum.accumulate(ends)
        pcm = (np.clip(wave * args.gain, -0.98, 0.98) * 32767).astype(np.int16)
        index[group].append(dict(name=f"{group}-{rank}-{n}", group=group, speaker=speaker, split=split, text=s["text"],
                                 start=at[group], length=len(pcm), phones=np.array([IDS[p] for p in s["phones"]], np.int16),
                                 ends=ends.astype(np.float32), word_start=np.array(s["starts"], np.uint8)))
        audio[group].append(pcm); at[group] += len(pcm); made += len(pcm) / RATE
        if n % 200 == 0 and rank < 2:
            print(f"rank {rank}: {n} in {time.time()-begin:.0f}s, {made/(time.time()-begin):.1f}x", flush=True)
    os.makedirs(args.out + "/parts", exist_ok=True)
    for k in kinds:
        if index[k]:
            torch.save({"audio": torch.from_numpy(np.concatenate(audio[k])), "index": index[k]}, f"{args.out}/parts/{k}.{rank}.pt")
    print(f"rank {rank}: {n} utterances, {made/3600:.2f} h in {time.time()-begin:.0f}s, {made/(time.time()-begin):.1f}x", flush=True)


def merge(out):
    import multiprocessing, torch
    torch.set_num_threads(1)
    jobs = [multiprocessing.get_context("fork").Process(target=merge_group, args=(out, k)) for k in NAMED]
    [j.start() for j in jobs]; [j.join() for j in jobs]


def merge_group(out, k):
    import torch
    pieces, rows, at = [], [], 0
    for f in sorted(glob.glob(f"{out}/parts/{k}.*.pt")):
        d = torch.load(f, weights_only=False)
        for r in d["index"]:
            r["start"] += at
        at += len(d["audio"]); pieces.append(d["audio"]); rows += d["index"]
    if rows:
        torch.save({"audio": torch.cat(pieces), "index": rows}, f"{out}/{k}.pt")
        print(f"{k}: {len(rows)} clips, {sum(r['split']=='test' for r in rows)} held out, {at/RATE/3600:.2f} h", flush=True)


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("--model", required=True); p.add_argument("--text", required=True); p.add_argument("--voices", required=True)
    p.add_argument("--out", required=True); p.add_argument("--seconds", type=float, default=300)
    p.add_argument("--procs", type=int, default=2); p.add_argument("--gpus", type=int, default=1)
    p.add_argument("--max", type=int, default=0); p.add_argument("--gain", type=float, default=1.0)
    p.add_argument("--no-merge", action="store_true"); p.add_argument("--merge-only", action="store_true")
    a = p.parse_args()
    if a.merge_only:
        merge(a.out); raise SystemExit
    import multiprocessing as mp
    ctx = mp.get_context("spawn")
    ps = [ctx.Process(target=work, args=(r, a, 100)) for r in range(a.procs)]
    [q.start() for q in ps]; [q.join() for q in ps]
    if not a.no_merge: merge(a.out)
