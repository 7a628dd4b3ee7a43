import { openLive, type LiveClient, type ServerMessage } from '../../../helpers/live-client.js';
import { startRealServer, type TestServer } from '../../../helpers/server.js';
import { rms } from '../../../helpers/tones.js';

const PATH = '/v1/audio/speech/live';
const TEXT = 'The quick brown fox jumps over the lazy old dog. Then it goes home to sleep.';

function toFloats(pcm: Buffer): Float32Array {
  return Float32Array.from(
    { length: pcm.length / 2 },
    (_, index) => pcm.readInt16LE(index * 2) / 32_768,
  );
}

function wordsOf(
  client: LiveClient,
  id = 'default',
): { word: string; start: number; end: number }[] {
  return client
    .all('words')
    .filter((message) => message['context_id'] === id)
    .flatMap((message) => message['words'] as { word: string; start: number; end: number }[]);
}

describe('the native live protocol with the real models', () => {
  let server: TestServer;
  let clients: LiveClient[] = [];
  beforeAll(async () => {
    server = await startRealServer();
  }, 60_000);
  afterEach(() => {
    for (const client of clients.splice(0)) {
      client.socket.terminate();
    }
  });
  afterAll(() => server.close());
  const open = async (query = '') => {
    const client = await openLive(server.url, PATH + query);
    clients = [...clients, client];
    return client;
  };

  it('speaks words that come one by one, and says when each is spoken', async () => {
    const client = await open();
    for (const word of TEXT.split(/(?<= )/)) {
      client.send({ type: 'push', text: word });
    }
    client.send({ type: 'finish' });
    const done = await client.wait('done');
    const samples = toFloats(client.bytes());
    expect(samples.length / 24_000).toBeGreaterThan(3);
    expect(samples.length / 24_000).toBeLessThan(10);
    expect(done['seconds']).toBeCloseTo(samples.length / 24_000, 3);
    expect(rms(samples)).toBeGreaterThan(0.005);
    const words = wordsOf(client);
    expect(words.map(({ word }) => word)).toEqual(TEXT.split(' '));
    expect(words.every(({ start, end }) => start >= 0 && end >= start)).toBe(true);
    expect(words.at(-1)!.end).toBeLessThanOrEqual(samples.length / 24_000 + 0.001);
    // each header tells of the binary message after it, and they follow each other without a gap
    let endSeconds = 0;
    client.received.forEach((message, index) => {
      if (!Buffer.isBuffer(message) && message.type === 'audio') {
        const bytes = client.received[index + 1] as Buffer;
        expect(bytes).toHaveLength(message['bytes'] as number);
        expect(message['start']).toBe(endSeconds);
        endSeconds = message['end'] as number;
      }
    });
    expect(endSeconds).toBe(done['seconds']);
  }, 60_000);

  it('speaks all that was pushed at a flush, and only then says so', async () => {
    const client = await open();
    client.send({ type: 'open', voice: 'george' });
    client.send({ type: 'push', text: 'Good evening' });
    client.send({ type: 'flush', flush_id: 'first' });
    const flushed = await client.wait('flush_done');
    expect(flushed).toEqual({ type: 'flush_done', context_id: 'default', flush_id: 'first' });
    expect(wordsOf(client).map(({ word }) => word)).toEqual(['Good', 'evening']);
    const numBytes = client.bytes().length;
    expect(numBytes / 48_000).toBeGreaterThan(0.4);
    client.send({ type: 'push', text: ' to all of you.' });
    client.send({ type: 'flush' });
    expect(await client.wait('flush_done', 2)).toMatchObject({ flush_id: 2 });
    expect(client.bytes().length).toBeGreaterThan(numBytes);
    client.send({ type: 'finish' });
    await client.wait('done');
    expect(
      wordsOf(client)
        .map(({ word }) => word)
        .join(' '),
    ).toBe('Good evening to all of you.');
  }, 60_000);

  it('says at a cancel what was heard: by the client, by the clock, and after the end', async () => {
    const client = await open('?audio=base64');
    client.send({ type: 'push', text: TEXT });
    client.send({ type: 'finish' });
    await client.wait('done');
    expect(client.bytes()).toHaveLength(0);
    const words = wordsOf(client);
    const third = words[2]!;
    client.send({ type: 'cancel', played_ms: third.end * 1000 + 40 });
    const byClient = await client.wait('cancelled');
    expect(byClient).toMatchObject({
      text_spoken: 'The quick brown',
      text_remaining: TEXT.slice('The quick brown'.length),
    });
    client.send({ type: 'cancel', played_ms: 0 });
    expect(await client.wait('cancelled', 2)).toMatchObject({
      text_spoken: '',
      text_remaining: TEXT,
    });
    client.send({ type: 'cancel', played_ms: 1e9 });
    expect(await client.wait('cancelled', 3)).toMatchObject({
      text_spoken: TEXT,
      text_remaining: '',
    });
    // by the clock: the audio came much faster than it plays
    client.send({ type: 'open', context_id: 'clock' });
    client.send({ type: 'push', context_id: 'clock', text: TEXT.repeat(4) });
    await client.wait('audio', client.all('audio').length + 1);
    client.send({ type: 'cancel', context_id: 'clock' });
    const byClock = await client.wait('cancelled', 4);
    expect(byClock['context_id']).toBe('clock');
    expect(`${String(byClock['text_spoken'])}${String(byClock['text_remaining'])}`).toBe(
      TEXT.repeat(4),
    );
    expect(byClock['played_ms']).toBeLessThan(4_000);
    // nothing more comes of it, and what was still on its way opens nothing
    const numAudio = client.all('audio').length;
    client.send({ type: 'push', context_id: 'clock', text: 'late words' });
    expect(await client.wait('error')).toMatchObject({ code: 'STATE_INVALID' });
    expect(client.all('audio')).toHaveLength(numAudio);
  }, 60_000);

  it('keeps contexts apart, also when one of them is wrong', async () => {
    const client = await open('?audio=base64');
    client.send({ type: 'open', context_id: 'one', voice: 'heart', seed: 5 });
    client.send({ type: 'open', context_id: 'two', voice: 'puck', format: 'mulaw' });
    client.send({ type: 'open', context_id: 'bad', voice: 'nobody' });
    for (const id of ['one', 'two', 'bad']) {
      client.send({ type: 'push', context_id: id, text: `This is context ${id}.` });
      client.send({ type: 'finish', context_id: id });
    }
    await client.wait('done', 2);
    const errors = client.all('error');
    expect(errors[0]).toMatchObject({
      code: 'VOICE_UNKNOWN',
      context_id: 'bad',
      param: 'voice',
      retryable: false,
    });
    // its text did not go to another voice
    expect(errors.slice(1).map(({ code }) => code)).toEqual(['STATE_INVALID', 'STATE_INVALID']);
    const audioOf = (id: string) =>
      Buffer.concat(
        client
          .all('audio')
          .filter((message: ServerMessage) => message['context_id'] === id)
          .map(({ audio }) => Buffer.from(audio as string, 'base64')),
      );
    expect(audioOf('bad')).toHaveLength(0);
    for (const id of ['one', 'two']) {
      expect(wordsOf(client, id).map(({ word }) => word)).toEqual([
        'This',
        'is',
        'context',
        `${id}.`,
      ]);
      const done = client.all('done').find((message) => message['context_id'] === id)!;
      const bytesPerSecond = id === 'one' ? 48_000 : 8_000;
      expect(audioOf(id).length / bytesPerSecond).toBeCloseTo(done['seconds'] as number, 3);
    }
  }, 60_000);

  it.each([
    ['pcm', 8_000],
    ['wav', 16_000],
    ['pcm', 44_100],
  ])(
    'gives %s at %i Hz',
    async (format, rate) => {
      const client = await open();
      client.send({ type: 'open', format, sample_rate: rate });
      client.send({ type: 'push', text: 'Good evening.' });
      client.send({ type: 'finish' });
      const { seconds } = await client.wait('done');
      const header = format === 'wav' ? 44 : 0;
      const bytes = client.bytes();
      expect((bytes.length - header) / 2 / rate).toBeCloseTo(seconds as number, 3);
      if (format === 'wav') {
        expect(bytes.readUInt32LE(24)).toBe(rate);
      }
    },
    60_000,
  );

  it('gets MP3 out at a flush', async () => {
    const client = await open();
    client.send({ type: 'open', format: 'mp3' });
    client.send({ type: 'push', text: 'Good evening.' });
    client.send({ type: 'flush' });
    await client.wait('flush_done');
    const seconds = client.all('audio').at(-1)!['end'] as number;
    // 64 kbit/s; all but what the comment in live-encoder.ts names
    expect(client.bytes().length / 8_000).toBeGreaterThan(seconds - 0.2);
    client.send({ type: 'finish' });
    await client.wait('done');
    expect(client.bytes().length / 8_000).toBeGreaterThan(seconds);
  }, 60_000);

  it('speaks all that was pushed before it closes the socket on request', async () => {
    const client = await open();
    client.send({ type: 'push', context_id: 'a', text: 'Good' });
    client.send({ type: 'push', context_id: 'b', text: 'evening' });
    client.send({ type: 'close' });
    expect(await client.closed).toBe(1000);
    expect(client.all('done')).toHaveLength(2);
    expect(wordsOf(client, 'a')).toHaveLength(1);
  }, 60_000);

  it('answers garbage, goes on, and closes after twenty pieces of it', async () => {
    const client = await open();
    const garbage = [
      'no JSON',
      '[]',
      'null',
      '{}',
      '{"type":"sing"}',
      '{"type":"push"}',
      '{"type":"push","text":7}',
      '{"type":"open","context_id":""}',
      '{"type":"open","seed":-1}',
      '{"type":"cancel","played_ms":-1}',
    ];
    for (const message of garbage) {
      client.send(message);
    }
    client.socket.send(Buffer.from([1, 2, 3]));
    await client.wait('error', garbage.length + 1);
    for (const error of client.all('error')) {
      expect(error).toMatchObject({ code: 'BODY_INVALID' });
      expect(error).not.toHaveProperty('context_id');
    }
    expect(client.all('error')[6]).toMatchObject({ param: 'text' });
    client.send({ type: 'push', text: 'Good evening. \ud83d' });
    client.send({ type: 'finish' });
    await client.wait('done');
    for (let index = garbage.length + 1; index < 20; index++) {
      client.send('{');
    }
    expect(await client.closed).toBe(4400);
  }, 60_000);
});
