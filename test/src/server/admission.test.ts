import { Admission, type Turn } from '../../../src/server/admission.js';
import { errorWithCode } from '../../helpers/errors.js';

const LIMITS = { maxRunning: 1, maxWaiting: 3, maxPaused: 2, queueTimeoutMs: 60_000 };
const never = new AbortController().signal;

/** Lets everything happen that waits for nothing but its turn in the event loop. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** A pause that lasts until `resume` is called. */
function pauseOf(turn: Turn, deadlineMs: number): { resume: () => void; ended: Promise<void> } {
  let resume!: () => void;
  const wait = new Promise<void>((resolve) => {
    resume = resolve;
  });
  return {
    resume,
    ended: turn.pause(
      () => deadlineMs,
      () => wait,
    ),
  };
}

describe('Admission', () => {
  it('lets others in while a turn is paused, and takes it again', async () => {
    const admission = new Admission(LIMITS);
    const first = await admission.enter(never);
    const pause = pauseOf(first, 0);
    const second = await admission.enter(never);
    expect([admission.running, admission.paused]).toEqual([1, 1]);
    let isBack = false;
    const back = pause.ended.then(() => {
      isBack = true;
    });
    pause.resume();
    await settle();
    expect(isBack).toBe(false);
    second.end();
    await back;
    await settle();
    expect([admission.running, admission.paused]).toEqual([1, 0]);
    first.end();
    await settle();
    expect([admission.running, admission.paused]).toEqual([0, 0]);
  });

  it('serves new requests first, then those whose listeners run dry first', async () => {
    const admission = new Admission({ ...LIMITS, maxPaused: 10 });
    const order: string[] = [];
    const turns: Turn[] = [];
    for (const deadlineMs of [300, 100, 200]) {
      const turn = await admission.enter(never);
      turns.push(turn);
      const pause = pauseOf(turn, deadlineMs);
      void pause.ended.then(() => {
        order.push(String(deadlineMs));
        turn.end();
      });
      setImmediate(pause.resume);
    }
    const holder = await admission.enter(never);
    await settle();
    const fresh = admission.enter(never).then((turn) => {
      order.push('new');
      turn.end();
    });
    await settle();
    holder.end();
    await fresh;
    await admission.idle();
    expect(order).toEqual(['new', '100', '200', '300']);
  });

  it('gives way between two pieces only if somebody waits', async () => {
    const admission = new Admission(LIMITS);
    const first = await admission.enter(never);
    await first.pause(() => 0);
    const order: string[] = [];
    const second = admission.enter(never).then((turn) => {
      order.push('second');
      turn.end();
    });
    await first.pause(() => 0);
    order.push('first');
    await second;
    expect(order).toEqual(['second', 'first']);
  });

  it('refuses what would wait behind too many', async () => {
    const admission = new Admission({ ...LIMITS, maxWaiting: 1 });
    const turn = await admission.enter(never);
    const waiting = admission.enter(never);
    await expect(admission.enter(never)).rejects.toThrow(errorWithCode('QUEUE_FULL'));
    turn.end();
    (await waiting).end();
  });

  it('leaves no timer of those who waited', async () => {
    const count = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const admission = new Admission(LIMITS);
    const before = count();
    const turn = await admission.enter(never);
    const waiting = admission.enter(never);
    expect(count()).toBe(before + 1);
    turn.end();
    (await waiting).end();
    expect(count()).toBe(before);
  });

  it('refuses new requests while too many are paused', async () => {
    const admission = new Admission(LIMITS);
    const pauses: { resume: () => void; ended: Promise<void> }[] = [];
    const turns: Turn[] = [];
    for (const deadlineMs of [1, 2]) {
      const turn = await admission.enter(never);
      turns.push(turn);
      pauses.push(pauseOf(turn, deadlineMs));
    }
    await settle();
    await expect(admission.enter(never)).rejects.toThrow(errorWithCode('STREAMS_FULL'));
    pauses[0]!.resume();
    await pauses[0]!.ended;
    turns[0]!.end();
    (await admission.enter(never)).end();
    pauses[1]!.resume();
    await pauses[1]!.ended;
    turns[1]!.end();
  });

  it('forgets those who leave while they wait', async () => {
    const admission = new Admission(LIMITS);
    const turn = await admission.enter(never);
    const leaving = new AbortController();
    const waiting = admission.enter(leaving.signal);
    await settle();
    expect(admission.waiting).toBe(1);
    leaving.abort();
    await expect(waiting).rejects.toThrow(errorWithCode('CANCELLED'));
    expect(admission.waiting).toBe(0);
    turn.end();
    (await admission.enter(never)).end();
  });

  it('gives no turn to who has left before, and keeps none that comes after the end', async () => {
    const admission = new Admission(LIMITS);
    await expect(admission.enter(AbortSignal.abort())).rejects.toThrow(errorWithCode('CANCELLED'));
    const turn = await admission.enter(never);
    const pause = pauseOf(turn, 0);
    turn.end();
    pause.resume();
    await pause.ended;
    await settle();
    expect([admission.running, admission.waiting, admission.paused]).toEqual([0, 0, 0]);
  });

  it('leaves no turn behind when a client leaves during a pause', async () => {
    const admission = new Admission(LIMITS);
    const leaving = new AbortController();
    const turn = await admission.enter(leaving.signal);
    const pause = pauseOf(turn, 0);
    const other = await admission.enter(never);
    pause.resume();
    await settle();
    leaving.abort();
    await expect(pause.ended).rejects.toThrow(errorWithCode('CANCELLED'));
    turn.end();
    turn.end();
    other.end();
    await admission.idle();
    await settle();
    expect([admission.running, admission.waiting, admission.paused]).toEqual([0, 0, 0]);
  });

  it('refuses who is new once it is closed, and lets the others end', async () => {
    const admission = new Admission(LIMITS);
    const first = await admission.enter(never);
    const pause = pauseOf(first, 0);
    const second = await admission.enter(never);
    const waiting = admission.enter(never);
    pause.resume();
    await settle();
    admission.close();
    await expect(waiting).rejects.toThrow(errorWithCode('SHUTTING_DOWN'));
    await expect(admission.enter(never)).rejects.toThrow(errorWithCode('SHUTTING_DOWN'));
    second.end();
    await pause.ended;
    let isIdle = false;
    const idle = admission.idle().then(() => {
      isIdle = true;
    });
    await settle();
    expect(isIdle).toBe(false);
    first.end();
    await idle;
  });
});
