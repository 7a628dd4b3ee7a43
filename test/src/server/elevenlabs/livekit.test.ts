import {
  joinAlignments,
  joinAudio,
  type ElevenLabsMessage,
} from '../../../helpers/character-times.js';
import { openLive } from '../../../helpers/live-client.js';
import { waitUntil } from '../../../helpers/processes.js';
import { startRealServer, type TestServer } from '../../../helpers/server.js';

const QUERY =
  '?model_id=eleven_turbo_v2_5&output_format=mp3_22050_32&enable_ssml_parsing=false' +
  '&enable_logging=true&inactivity_timeout=180&apply_text_normalization=auto&sync_alignment=true';
const SENTENCES = ['Hello there, my good friend.', 'I have 3 questions for you.', 'Ready?'];

describe('the message sequences of LiveKit with the real models', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startRealServer({ maxContexts: 2 });
  }, 60_000);
  afterAll(() => server.close());

  const open = async (query: string) => {
    const path = `/v1/text-to-speech/heart/multi-stream-input${query}`;
    const client = await openLive(server.url, path);
    const of = (contextId: string) =>
      (client.received as ElevenLabsMessage[]).filter((message) => message.contextId === contextId);
    const isFinal = (contextId: string) => of(contextId).at(-1)?.isFinal === true;
    /** What it sends for one reply. */
    const reply = (id: string, tokens: readonly string[], isFlushed: boolean) => {
      client.send({ text: ' ', voice_settings: {}, context_id: id });
      for (const token of tokens) {
        const flush = isFlushed ? { flush: true } : {};
        client.send({ text: `${token} `, context_id: id, ...flush });
      }
      client.send({ text: '', context_id: id, flush: true });
      client.send({ context_id: id, close_context: true });
    };
    return { ...client, of, isFinal, reply };
  };

  it.each([
    ['sentences that are flushed', SENTENCES, true, '&auto_mode=true'],
    ['words', SENTENCES.join(' ').split(' '), false, ''],
  ])('hears %s, with times in every message with characters', async (_, tokens, flush, query) => {
    const client = await open(QUERY + query);
    client.reply('reply', tokens, flush);
    await waitUntil(() => client.isFinal('reply'), 20_000);
    const messages = client.of('reply');
    expect(joinAlignments(messages).text).toBe(`${SENTENCES.join(' ')} `);
    expect(joinAudio(messages).length).toBeGreaterThan(5_000);
    for (const { alignment, normalizedAlignment } of messages.slice(0, -1)) {
      expect(normalizedAlignment).toEqual(alignment);
      const { chars = [], charStartTimesMs = [], charDurationsMs = [] } = alignment ?? {};
      expect(charStartTimesMs).toHaveLength(chars.length);
      expect(charDurationsMs).toHaveLength(chars.length);
    }
    expect(messages.at(-1)).toMatchObject({ isFinal: true, context_id: 'reply' });
    client.socket.close();
  });

  it('speaks two contexts at once, and the same as one after the other', async () => {
    const query = '?output_format=pcm_16000&sync_alignment=true';
    const client = await open(query);
    client.reply('a', [SENTENCES[0]!], false);
    client.reply('b', [SENTENCES[1]!], false);
    // the server was told to speak no more at once
    await waitUntil(() => client.isFinal('a') && client.isFinal('b'), 20_000);
    const alone = await open(query);
    alone.reply('b', [SENTENCES[1]!], false);
    await waitUntil(() => alone.isFinal('b'), 20_000);
    expect(joinAudio(client.of('b')).equals(joinAudio(alone.of('b')))).toBe(true);
    expect(joinAlignments(client.of('b'))).toEqual(joinAlignments(alone.of('b')));
    client.socket.close();
    alone.socket.close();
  });

  it("is told of one context's failure, and hears the others", async () => {
    const client = await open(QUERY);
    client.send({ text: ' ', voice_settings: {}, context_id: 'a' });
    client.send({ text: ' ', voice_settings: {}, context_id: 'b' });
    client.send({ text: ' ', voice_settings: {}, context_id: 'c' });
    await waitUntil(() => client.of('c').length > 0, 20_000);
    expect(client.of('c')).toMatchObject([{ error: 'system_busy', contextId: 'c' }]);
    client.send({ text: 'x'.repeat(5_000), context_id: 'b' });
    await waitUntil(() => client.of('b').length > 0, 20_000);
    expect(client.of('b')).toMatchObject([{ error: 'text_too_long' }]);
    client.send({ text: 'Hello there. ', contextId: 'a' });
    client.send({ context_id: 'a', close_context: true });
    client.send({ text: 'too late', context_id: 'a' });
    await waitUntil(() => client.isFinal('a'), 20_000);
    expect(joinAlignments(client.of('a')).text).toBe('Hello there. ');
    client.send({ close_socket: true });
    expect(await client.closed).toBe(1000);
  });
});
