import {
  joinAlignments,
  joinAudio,
  type ElevenLabsMessage,
  type TimedWord,
} from '../../../helpers/character-times.js';
import { openLive } from '../../../helpers/live-client.js';
import { waitUntil } from '../../../helpers/processes.js';
import { startRealServer } from '../../../helpers/server.js';

const API_KEY = 'secret';
const SETTINGS = { stability: 0.5, similarity_boost: 0.8, use_speaker_boost: true };
const SENTENCES = ['Hello there, my good friend. ', 'I have 3 questions for you. ', 'Ready? '];

/** What Pipecat makes of the messages of a context. */
class PipecatClock {
  readonly words: TimedWord[] = [];
  #cumulativeMs = 0;
  #partial: TimedWord | undefined;

  /** Its clock goes on only with messages that end a word, and by the end of their last character. */
  take({ alignment }: ElevenLabsMessage): void {
    if (alignment === undefined || alignment === null) {
      return;
    }
    const numWords = this.words.length;
    alignment.chars.forEach((character, index) => {
      if (character === ' ') {
        if (this.#partial !== undefined) {
          this.words.push(this.#partial);
        }
        this.#partial = undefined;
      } else {
        const startMs = this.#cumulativeMs + alignment.charStartTimesMs[index]!;
        this.#partial ??= { word: '', startMs };
        this.#partial.word += character;
      }
    });
    if (this.words.length > numWords) {
      const { charStartTimesMs: starts, charDurationsMs: durations } = alignment;
      this.#cumulativeMs += starts.at(-1)! + durations.at(-1)!;
    }
  }
}

describe('the message sequences of Pipecat with the real models', () => {
  let server: Awaited<ReturnType<typeof startRealServer>>;
  beforeAll(async () => {
    server = await startRealServer({ apiKey: API_KEY });
  }, 60_000);
  afterAll(() => server.close());

  const open = async (query = '') => {
    const path =
      '/v1/text-to-speech/heart/multi-stream-input?model_id=eleven_turbo_v2_5' +
      `&output_format=pcm_24000&auto_mode=true${query}`;
    const client = await openLive(server.url, path, { headers: { 'xi-api-key': API_KEY } });
    const of = (contextId: string) =>
      (client.received as ElevenLabsMessage[]).filter((message) => message.contextId === contextId);
    const isFinal = (contextId: string) => of(contextId).at(-1)?.isFinal === true;
    return { ...client, of, isFinal };
  };

  it('hears a turn sentence by sentence, and its clock is right', async () => {
    const client = await open();
    client.send({ text: '' });
    client.send({ text: ' ', context_id: 'turn-1', voice_settings: SETTINGS });
    for (const sentence of SENTENCES) {
      client.send({ text: sentence, context_id: 'turn-1' });
    }
    client.send({ text: '', context_id: 'turn-1' });
    client.send({ context_id: 'turn-1', flush: true });
    client.send({ context_id: 'turn-1', close_context: true });
    await waitUntil(() => client.isFinal('turn-1'), 20_000);
    const messages = client.of('turn-1');
    expect(joinAlignments(messages).text).toBe(SENTENCES.join(''));
    expect(messages.every(({ context_id: id }) => id === 'turn-1')).toBe(true);

    const clock = new PipecatClock();
    for (const message of messages) {
      clock.take(message);
    }
    // the same texts and flushes, asked of the engine
    const speech = server.engine.open({ voice: 'heart' });
    for (const sentence of SENTENCES) {
      speech.push(sentence);
      speech.flush();
    }
    speech.flush();
    speech.finish();
    const expected: TimedWord[] = [];
    let numSamples = 0;
    for await (const { words, samples } of speech) {
      numSamples += samples.length;
      expected.push(
        ...words.map(({ word, startSeconds }) => ({ word, startMs: startSeconds * 1000 })),
      );
    }
    expect(joinAudio(messages)).toHaveLength(numSamples * 2);
    expect(clock.words.map(({ word }) => word)).toEqual(expected.map(({ word }) => word));
    clock.words.forEach(({ startMs }, index) => {
      expect(Math.abs(startMs - expected[index]!.startMs)).toBeLessThanOrEqual(1);
    });

    client.send({ close_socket: true });
    expect(await client.closed).toBe(1000);
  });

  it('is interrupted, speaks in a new context, and leaves', async () => {
    const client = await open();
    client.send({ text: ' ', context_id: 'a', voice_settings: SETTINGS });
    client.send({ text: 'This sentence is interrupted by the listener. ', context_id: 'a' });
    await waitUntil(() => client.of('a').length > 0, 20_000);
    client.send({ context_id: 'a', close_context: true });
    client.send({ text: ' ', context_id: 'b', voice_settings: { ...SETTINGS, speed: 1.1 } });
    client.send({ text: 'A new turn. ', context_id: 'b' });
    client.send({ context_id: 'b', close_context: true });
    client.send({ close_socket: true });
    expect(await client.closed).toBe(1000);
    expect([client.isFinal('a'), client.isFinal('b')]).toEqual([true, true]);
    expect(joinAlignments(client.of('b')).text).toBe('A new turn. ');
  });

  it('keeps contexts and the socket alive with empty texts, which open and close nothing', async () => {
    const client = await open('&inactivity_timeout=1');
    client.send({ text: ' ', context_id: 'a', voice_settings: SETTINGS });
    for (let count = 0; count < 4; count++) {
      await new Promise((resolve) => setTimeout(resolve, 400));
      client.send(count % 2 === 0 ? { text: '', context_id: 'a' } : { text: '' });
      client.send({ text: '', context_id: 'a' });
      client.send({ text: '', context_id: 'unknown' });
    }
    expect(client.received).toEqual([]);
    client.send({ text: ' ', context_id: 'unknown', voice_settings: SETTINGS });
    client.send({ text: 'Still here. ', context_id: 'a' });
    await waitUntil(() => joinAlignments(client.of('a')).text === 'Still here. ', 20_000);
    // without a sign of life first the contexts end, then the socket
    expect(await client.closed).toBe(1008);
    expect([client.isFinal('a'), client.isFinal('unknown')]).toEqual([true, true]);
    expect(client.received.at(-1)).toMatchObject({ error: 'input_timeout_exceeded', code: 1008 });
  });

  it('is closed with 1008 when voice settings come again', async () => {
    const client = await open();
    client.send({ text: 'Hello ', context_id: 'a' });
    client.send({ text: ' ', context_id: 'a', voice_settings: SETTINGS });
    expect(await client.closed).toBe(1008);
    expect(client.received.at(-1)).toMatchObject({ error: 'body_invalid', code: 1008 });
  });
});
