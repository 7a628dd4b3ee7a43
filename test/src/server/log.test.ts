import { spawn } from 'node:child_process';
import { once } from 'node:events';

// another process, whose standard output can be read
const PROGRAM = `
const { ToneEngine } = await import(HELPERS + 'fake-engine.js');
const { startTestServer } = await import(HELPERS + 'server.js');
const server = await startTestServer(new ToneEngine(), { logLevel: 'trace', apiKey: 'keykeykey' });
const headers = { 'Content-Type': 'application/json', Authorization: 'Bearer keykeykey' };
const speech = { model: 'tts-1', voice: 'low' };
for (const change of [{ input: 'secret' }, { input: '!secret' }, { input: 'secret', voice: 'secret' },
  { input: '<speak>secret<secret/></speak>', input_format: 'ssml' },
  { input: 'Ich bin nicht secret.', dictionary: { secret: 'keykeykey' } }]) {
  const response = await server.post({ ...speech, ...change }, { headers });
  await response.arrayBuffer().catch(() => undefined);
}
await (await server.post('{"input": "secret', { headers })).text();
await (await fetch(server.url + '/secret?secret=secret')).text();
await server.close();
`;

describe('the log', () => {
  it('counts and times everything, and never holds text or keys', async () => {
    const helpers = new URL('../../helpers/', import.meta.url).href;
    const code = `const HELPERS = ${JSON.stringify(helpers)};${PROGRAM}`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
    let log = '';
    child.stdout.on('data', (text: Buffer) => {
      log += text.toString();
    });
    const [exitCode] = (await once(child, 'close')) as [number];
    expect(exitCode).toBe(0);
    expect(log).not.toMatch(/secret|keykeykey/);
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const requests = lines.filter(({ msg }) => msg === 'request');
    expect(requests.map(({ status }) => status)).toEqual([200, 500, 400, 200, 200, 400, 404]);
    expect(requests[0]).toMatchObject({
      route: '/v1/audio/speech',
      method: 'POST',
      numCharacters: 6,
      voice: 'low',
      format: 'mp3',
      speechSeconds: 1.2,
    });
    expect(requests[2]).toMatchObject({ code: 'VOICE_UNKNOWN' });
    expect(requests[0]).not.toHaveProperty('language');
    expect(requests[3]).toMatchObject({ warnings: 1 });
    expect(requests[4]).toMatchObject({ language: 'de' });
    const failure = lines.find(({ msg }) => msg === 'request failed');
    expect(failure).toMatchObject({ code: 'INTERNAL', name: 'Error' });
    expect(failure?.['trace']).toContain('fake-engine');
  });
});
