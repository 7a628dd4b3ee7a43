import { EngineConnection, type SpeechListener } from '../../../engine/client/connection.js';
import type { EngineWorkerData, SpeechEvent } from '../../../engine/protocol.js';
import { collectGarbage } from '../../helpers/garbage.js';

const DATA: EngineWorkerData = {
  device: 'cpu',
  threads: 1,
  precision: 'auto',
  modelPath: '',
  warmUp: false,
};

/** Answers calls and texts; `decode` ends it, `describe` is never answered. */
const WORKER = `
import { parentPort } from 'node:worker_threads';
parentPort.on('message', ({ type, speech, call, method }) => {
  if (type === 'text') parentPort.postMessage({ type: 'textWanted', speech });
  if (method === 'encode') parentPort.postMessage({ type: 'returned', call, value: { made: call } });
  if (method === 'decode') process.exit(1);
  if (type === 'close') parentPort.close();
});
parentPort.postMessage({ type: 'ready', voices: [], device: 'cpu' });
`;

class Listener implements SpeechListener {
  readonly events: SpeechEvent[] = [];
  readonly errors: unknown[] = [];

  receive(event: SpeechEvent): void {
    this.events.push(event);
  }

  fail(error: unknown): void {
    this.errors.push(error);
  }
}

describe('EngineConnection', () => {
  let connection: EngineConnection;
  beforeEach(async () => {
    const script = new URL(`data:text/javascript,${encodeURIComponent(WORKER)}`);
    connection = new EngineConnection(DATA, script);
    await connection.ready();
  });
  afterEach(() => connection.close());

  const encode = () => connection.call('encode', 'rvq', new Float32Array(1));
  const crash = () =>
    connection.call('decode', 'rvq', {
      data: new Uint16Array(0),
      numFrames: 0,
      numCodebooks: 1,
      numSamples: 0,
    });

  it('hands events to those who listen, and to nobody else', async () => {
    const [first, second] = [new Listener(), new Listener()];
    const [one, two] = [connection.open(first), connection.open(second)];
    connection.forget(one);
    for (const speech of [one, two]) {
      connection.send({ type: 'text', speech, text: '', isLast: true });
    }
    await encode();
    expect(first.events).toEqual([]);
    expect(second.events).toEqual([{ type: 'textWanted', speech: two }]);
    await expect(crash()).rejects.toMatchObject({ code: 'ENGINE_CRASHED' });
    expect([first.errors.length, second.errors.length]).toEqual([0, 1]);
  });

  it('fails all that waits when the worker ends, and what comes after it', async () => {
    const unanswered = connection.call('describe', 'rvq');
    const crashed = crash();
    await expect(unanswered).rejects.toMatchObject({ code: 'ENGINE_CRASHED' });
    await expect(crashed).rejects.toMatchObject({ code: 'ENGINE_CRASHED' });
    expect(connection.isAlive).toBe(false);
    await expect(encode()).rejects.toMatchObject({ code: 'ENGINE_CRASHED' });
    const late = new Listener();
    connection.open(late);
    await Promise.resolve();
    expect(late.errors).toMatchObject([{ code: 'ENGINE_CRASHED' }]);
  });

  it('holds neither listeners it was told to forget nor answers it has given', async () => {
    const open = () => {
      const listener = new Listener();
      connection.forget(connection.open(listener));
      return new WeakRef(listener);
    };
    const call = async () => new WeakRef(await encode());
    const references = [open(), await call()];
    await collectGarbage();
    expect(references.map((reference) => reference.deref())).toEqual([undefined, undefined]);
  });

  it('leaves no timer when it is closed', async () => {
    const count = () =>
      process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = count();
    await connection.close();
    expect(count()).toBeLessThanOrEqual(before);
  });
});
