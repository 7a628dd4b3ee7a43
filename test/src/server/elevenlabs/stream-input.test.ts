import {
  joinAlignments,
  joinAudio,
  type ElevenLabsMessage,
} from '../../../helpers/character-times.js';
import { openLive, refusedLive } from '../../../helpers/live-client.js';
import { waitUntil } from '../../../helpers/processes.js';
import { startRealServer } from '../../../helpers/server.js';

const API_KEY = 'secret';
const HEADERS = { 'xi-api-key': API_KEY };
const TEXT = 'The quick brown fox, number 42, jumps over the lazy old dog. Twice!  ';
const FIRST = 'This is the first half.  ';
const OPENING = {
  text: ' ',
  voice_settings: { stability: 0.5, similarity_boost: 0.8 },
  generation_config: { chunk_length_schedule: [50] },
};

describe('the WebSocket stream-input with the real models', () => {
  let server: Awaited<ReturnType<typeof startRealServer>>;
  beforeAll(async () => {
    server = await startRealServer({ apiKey: API_KEY });
  }, 60_000);
  afterAll(() => server.close());

  const open = async (query = '', headers: Record<string, string> = HEADERS, voice = 'heart') => {
    const path = `/v1/text-to-speech/${voice}/stream-input?output_format=pcm_24000${query}`;
    const client = await openLive(server.url, path, { headers });
    return { ...client, messages: client.received as ElevenLabsMessage[] };
  };

  /** When the words of the text begin, by the engine itself. */
  const engineWords = async () => {
    const speech = server.engine.open({ voice: 'heart' });
    speech.push(TEXT);
    speech.finish();
    const words: { word: string; startMs: number }[] = [];
    for await (const chunk of speech) {
      words.push(
        ...chunk.words.map(({ word, startSeconds }) => ({ word, startMs: startSeconds * 1000 })),
      );
    }
    return words;
  };

  it.each([
    ['', 'those that end a word'],
    ['&sync_alignment=true', 'every one that has characters'],
  ])('tells each character once and truly (%s: %s)', async (query) => {
    const client = await open(query);
    client.send(OPENING);
    client.send({ text: TEXT, try_trigger_generation: true });
    client.send({ text: '' });
    expect(await client.closed).toBe(1000);
    const final = client.messages.at(-1);
    expect(final).toEqual({ audio: null, isFinal: true });

    const spoken = client.messages.slice(0, -1);
    const { text, words, endMs } = joinAlignments(spoken);
    expect(text).toBe(TEXT);
    const expected = await engineWords();
    expect(words.map(({ word }) => word)).toEqual(expected.map(({ word }) => word));
    words.forEach(({ startMs }, index) => {
      expect(Math.abs(startMs - expected[index]!.startMs)).toBeLessThanOrEqual(1);
    });
    expect(Math.abs(endMs - joinAudio(spoken).length / 48)).toBeLessThanOrEqual(1);

    for (const { alignment, normalizedAlignment, audio } of spoken) {
      expect(normalizedAlignment).toEqual(alignment);
      if (alignment !== null && alignment !== undefined) {
        expect(alignment.charsStartTimesMs).toEqual(alignment.charStartTimesMs);
        expect(alignment.charsDurationsMs).toEqual(alignment.charDurationsMs);
        expect(alignment.chars.length).toBeGreaterThan(0);
        // a clock that goes on only at the end of a word is right, too
        if (query === '' && audio !== '') {
          expect(alignment.chars).toContain(' ');
        }
      }
    }
    const numAligned = spoken.filter(({ alignment }) => (alignment ?? null) !== null).length;
    expect(numAligned).toBeGreaterThan(query === '' ? 2 : spoken.length / 2);
  });

  it('speaks what comes word by word as what comes at once', async () => {
    const client = await open();
    client.send(OPENING);
    for (const word of TEXT.split(/(?<= )/)) {
      client.send({ text: word, try_trigger_generation: true });
    }
    client.send({ text: '' });
    expect(await client.closed).toBe(1000);
    expect(joinAlignments(client.messages).text).toBe(TEXT);
    expect(joinAudio(client.messages).length / 48_000).toBeGreaterThan(2);
  });

  it('speaks before the text has ended, to the end after a flush, and goes on', async () => {
    const client = await open();
    client.send(OPENING);
    client.send({ text: FIRST, flush: true });
    const spoken = () => joinAlignments(client.messages).text;
    await waitUntil(() => spoken() === FIRST, 20_000);
    client.send({ text: 'And this is another one. ' });
    client.send({ text: '', flush: true });
    await waitUntil(() => spoken() === `${FIRST}And this is another one. `, 20_000);
    client.send({ text: 'It goes on.' });
    client.send({ text: '' });
    expect(await client.closed).toBe(1000);
    expect(spoken()).toBe(`${FIRST}And this is another one. It goes on.`);
    // but for the silence at the very end, in which no character begins
    const restMs = joinAudio(client.messages).length / 48 - joinAlignments(client.messages).endMs;
    expect(restMs).toBeGreaterThan(-1);
    expect(restMs).toBeLessThan(300);
  });

  it('speaks each text to its end in auto mode', async () => {
    const client = await open('&auto_mode=true');
    client.send(OPENING);
    client.send({ text: 'A whole sentence. ' });
    await waitUntil(() => joinAlignments(client.messages).text === 'A whole sentence. ', 20_000);
    client.socket.terminate();
  });

  it('takes the speed of the first message, and a text in it', async () => {
    const durations: number[] = [];
    for (const speed of [1, 2]) {
      const client = await open();
      client.send({ text: 'Nothing comes before this. ', voice_settings: { speed } });
      client.send({ text: '' });
      expect(await client.closed).toBe(1000);
      durations.push(joinAudio(client.messages).length);
      expect(joinAlignments(client.messages).text).toBe('Nothing comes before this. ');
    }
    expect(durations[1]! / durations[0]!).toBeCloseTo(0.5, 1);
  });

  it.each(['mp3_44100_64', 'opus_48000_32', 'ulaw_8000', 'pcm_16000'])(
    'tells all characters with %s',
    async (format) => {
      const path = `/v1/text-to-speech/heart/stream-input?output_format=${format}`;
      const client = await openLive(server.url, path, { headers: HEADERS });
      client.send(OPENING);
      client.send({ text: TEXT });
      client.send({ text: '' });
      expect(await client.closed).toBe(1000);
      const messages = client.received as ElevenLabsMessage[];
      expect(joinAlignments(messages).text).toBe(TEXT);
      expect(joinAudio(messages).length).toBeGreaterThan(10_000);
    },
  );

  it('says nothing for no text', async () => {
    const client = await open();
    client.send(OPENING);
    client.send({ text: '' });
    expect(await client.closed).toBe(1000);
    expect(client.messages).toEqual([{ audio: null, isFinal: true }]);
  });

  it.each(['xi-api-key', 'xi_api_key', 'authorization'])(
    'takes the key in the first message as %s',
    async (name) => {
      const client = await open('', {});
      client.send({ ...OPENING, [name]: name === 'authorization' ? `Bearer ${API_KEY}` : API_KEY });
      client.send({ text: '' });
      expect(await client.closed).toBe(1000);
      const refused = await open('', {});
      refused.send({ ...OPENING, [name]: 'wrong' });
      expect(await refused.closed).toBe(1008);
      expect(refused.messages).toMatchObject([{ error: 'invalid_api_key', code: 1008 }]);
    },
  );

  it.each([
    ['{', 'body_invalid'],
    [{ text: 5 }, 'body_invalid'],
    [{ text: ' ', generation_config: { chunk_length_schedule: [20] } }, 'body_invalid'],
    [{ text: ' ', voice_settings: { speed: 9 } }, 'speed_out_of_range'],
    [{ text: 'x'.repeat(5_000) }, 'text_too_long'],
  ])('closes with 1008 after %j', async (message, word) => {
    const client = await open();
    client.send(message);
    expect(await client.closed).toBe(1008);
    expect(client.messages).toMatchObject([{ error: word, code: 1008 }]);
  });

  it('ends a speech for which nothing comes, after what was sent', async () => {
    const client = await open('&inactivity_timeout=1');
    client.send(OPENING);
    client.send({ text: 'What was sent is spoken. ' });
    expect(await client.closed).toBe(1008);
    expect(joinAlignments(client.messages).text).toBe('What was sent is spoken. ');
    expect(client.messages.at(-1)).toMatchObject({ error: 'input_timeout_exceeded', code: 1008 });
    const silent = await open('&inactivity_timeout=1');
    expect(await silent.closed).toBe(1008);
  });

  it.each([
    ['/v1/text-to-speech/nobody/stream-input', 400, 'VOICE_UNKNOWN'],
    ['/v1/text-to-speech/heart/stream-input?output_format=mp3', 400, 'FORMAT_UNKNOWN'],
    ['/v1/text-to-speech/heart/stream-input?model_id=other', 404, 'MODEL_NOT_FOUND'],
    ['/v1/text-to-speech/heart/stream-input?inactivity_timeout=0', 400, 'OPTION_INVALID'],
    ['/v1/text-to-speech/heart/stream-input?sync_alignment=maybe', 400, 'OPTION_INVALID'],
  ])('refuses %s', async (path, status, code) => {
    expect(await refusedLive(server.url, path, { headers: HEADERS })).toMatchObject({
      status,
      code,
    });
  });

  it('asks for a WebSocket', async () => {
    const response = await fetch(`${server.url}/v1/text-to-speech/heart/stream-input`);
    expect(response.status).toBe(426);
    await response.arrayBuffer();
  });
});
