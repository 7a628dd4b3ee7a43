/*
 * Signals, for the whole process. This module imports nothing, so that main.ts can listen before
 * anything heavy is loaded.
 *
 * A thread that runs a network must not be torn down: onnxruntime's addon then aborts the process
 * (134). So a signal only asks the running task to end, and the process ends by itself once the
 * task has closed its engine. It is ended from here only where no engine can be running.
 */

/** Exit codes after a signal, as a shell counts them. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

type Signal = keyof typeof EXIT_CODES;

/** Signals that follow the first so soon, in ms, are one wish: `timeout` and npx send two. */
const SAME_WISH_MS = 2_000;

/** After so long, in ms, a task that was told to end is taken to be stuck. */
const STUCK_MS = 15_000;

type Phase = 'idle' | 'working' | 'draining' | 'over';

const stop = new AbortController();
const force = new AbortController();
let phase: Phase = 'idle';
let received: Signal | undefined;
let firstMs = -Infinity;
let isListening = false;
let removeLeftovers = (): void => undefined;

/** Starts to listen for SIGINT and SIGTERM, for the rest of the process; safe to call again. */
export function listenForSignals(): void {
  if (!isListening) {
    isListening = true;
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  }
}

/** @returns 130 or 143 once a signal asked for the end, else undefined. */
export function interruptedExitCode(): number | undefined {
  return received === undefined ? undefined : EXIT_CODES[received];
}

/** @param remove - Synchronously removes unfinished files, should a stuck task have to be given up. */
export function setLastResort(remove: () => void): void {
  removeLeftovers = remove;
}

/**
 * Runs a task that ends early when the user interrupts the program.
 *
 * @param task - Gets a signal that aborts on the first SIGINT or SIGTERM, and must then end by itself,
 * with its engine closed. `force` aborts when a task that drains is told again, two seconds later or
 * more.
 * @param options - `drains`: it may take its time after the first signal, as a server does.
 * @returns What the task returns.
 */
export async function withInterrupt<T>(
  task: (signal: AbortSignal, force: AbortSignal) => Promise<T>,
  options: { drains?: boolean } = {},
): Promise<T> {
  listenForSignals();
  phase = options.drains === true ? 'draining' : 'working';
  try {
    return await task(stop.signal, force.signal);
  } finally {
    phase = 'over';
  }
}

function onSignal(signal: Signal): void {
  const nowMs = performance.now();
  if (phase === 'draining') {
    // this is how a server is stopped, and no failure
    phase = 'working';
    firstMs = nowMs;
    stop.abort();
    return;
  }
  if (nowMs - firstMs < SAME_WISH_MS) {
    return;
  }
  firstMs = nowMs;
  if (received !== undefined) {
    giveUp();
  }
  received = signal;
  if (phase !== 'working') {
    process.exit(EXIT_CODES[signal]);
  }
  stop.abort();
  force.abort();
  setTimeout(giveUp, STUCK_MS).unref();
}

/** Ends the process by the signal itself, which tears no thread down. */
function giveUp(): void {
  const signal = received ?? 'SIGTERM';
  removeLeftovers();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // still here: the first process of a container has no default action for signals
  process.exit(EXIT_CODES[signal]);
}
