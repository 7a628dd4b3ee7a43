import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEngine } from '../../../src/cli/load-engine.js';
import { createProgram } from '../../../src/cli/program.js';
import { resolveServerOptions } from '../../../src/server/options.js';
import { flagOf, SETTING_NAMES } from '../../../src/server/settings.js';
import { errorWithCode } from '../../helpers/errors.js';
import { settingsTable } from '../../helpers/settings-table.js';

describe('docs/configuration.md', () => {
  it('has the table of settings as it is in code', () => {
    const table = readFileSync('docs/configuration.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('|'))
      .join('\n');
    expect(table).toBe(settingsTable());
  });
});

describe('linnet serve', () => {
  it('has an option for each setting', async () => {
    const program = await createProgram(loadEngine, ['serve']);
    const serve = program.commands.find((command) => command.name() === 'serve')!;
    expect(serve.options.map(({ flags }) => flags)).toEqual(SETTING_NAMES.map(flagOf));
    // their names are those under which the values arrive
    expect(serve.options.map((option) => option.attributeName())).toEqual(SETTING_NAMES);
  });
});

describe('resolveServerOptions', () => {
  let folder: string;
  const fileOf = (content: string | object, name = 'linnet.json') => {
    const path = join(folder, name);
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const messageOf = (given: object, env: NodeJS.ProcessEnv = {}) => {
    try {
      resolveServerOptions(given, env);
    } catch (error) {
      expect(error).toMatchObject({ code: 'OPTION_INVALID' });
      return (error as Error).message;
    }
    throw new Error('It was taken.');
  };
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-configuration-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('takes options before the environment before the file before defaults', () => {
    const config = fileOf({ port: 1, maxInput: 2, maxRunning: 3, corsOrigins: ['a'] });
    const env = { LINNET_CONFIG: config, LINNET_PORT: '4', LINNET_MAX_INPUT: '5' };
    expect(resolveServerOptions({ port: '6' }, env)).toMatchObject({
      port: 6,
      maxInput: 5,
      maxRunning: 3,
      maxWaiting: 32,
      corsOrigins: ['a'],
      config,
    });
    const other = fileOf({ port: 7 }, 'other.json');
    expect(resolveServerOptions({ config: other }, { LINNET_CONFIG: config }).port).toBe(7);
  });

  it('reads flags, lists, choices and numbers of the environment', () => {
    const env = {
      LINNET_ALLOW_ANONYMOUS: 'true',
      LINNET_HOST: '0.0.0.0',
      LINNET_DICTIONARY: 'a, b',
      LINNET_DEVICE: 'cuda',
      LINNET_THREADS: '3',
      LINNET_RATE_PER_MINUTE: '10',
    };
    expect(resolveServerOptions({}, env)).toMatchObject({
      allowAnonymous: true,
      dictionary: ['a', 'b'],
      device: 'cuda',
      threads: 3,
      ratePerMinute: 10,
    });
    const off = { LINNET_ALLOW_ANONYMOUS: '0' };
    expect(resolveServerOptions({}, off).allowAnonymous).toBe(false);
  });

  it('says where a wrong value stands, what it is and what would be right', () => {
    const config = fileOf({ maxRunning: 0 });
    expect(messageOf({ config })).toBe(
      `${config}: maxRunning: it is 0, and must be an integer from 1 to 4096.`,
    );
    expect(messageOf({}, { LINNET_LOG_LEVEL: 'loud' })).toBe(
      'LINNET_LOG_LEVEL: it is "loud", and must be one of trace, debug, info, warn, error, silent.',
    );
    expect(messageOf({ allowAnonymous: 'x' })).toMatch(/^allowAnonymous: it is "x", and must be/);
    expect(messageOf({ dictionary: Array.from({ length: 8 }, () => 'x') })).toMatch(/at most 7/);
    expect(messageOf({ corsOrigins: [''] })).toMatch(/^corsOrigins\.0: /);
  });

  it.each([{ prot: 1 }, { config: 'other.json' }, [], 'not JSON'])(
    'refuses a file with %j',
    (content) => {
      const config = fileOf(content);
      expect(messageOf({ config })).toContain(config);
    },
  );

  it.each([
    { port: 'x' },
    { port: 70_000 },
    { maxRunning: 0 },
    { maxPaused: 0 },
    { maxInput: 1.5 },
    { maxPerKey: 0 },
    { queueTimeoutMs: 0 },
    { device: 'tpu' },
    { apiKey: '' },
  ])('refuses %j', (options) => {
    expect(messageOf(options)).toContain(Object.keys(options)[0]);
  });

  it('has neither key nor limits that were not set, and passes empty variables over', () => {
    const options = resolveServerOptions({}, { LINNET_HOST: '' });
    expect(options.host).toBe('127.0.0.1');
    for (const name of ['apiKey', 'maxPerKey', 'ratePerMinute', 'config', 'threads']) {
      expect(options).not.toHaveProperty(name);
    }
  });

  it('refuses a file that is not there', () => {
    const config = join(folder, 'missing.json');
    expect(() => resolveServerOptions({ config }, {})).toThrow(errorWithCode('FILE_NOT_FOUND'));
  });

  describe('with API keys', () => {
    it('reads them from a file, or from the configuration', () => {
      const apiKeys = fileOf('# ours\n\nalice k1\r\n  bob.2\tk2 \nalice k3\n', 'keys');
      const keys = [
        { name: 'alice', key: 'k1' },
        { name: 'bob.2', key: 'k2' },
        { name: 'alice', key: 'k3' },
      ];
      expect(resolveServerOptions({ apiKeys }, {}).apiKeys).toEqual(keys);
      expect(resolveServerOptions({}, { LINNET_API_KEYS: apiKeys }).apiKeys).toEqual(keys);
      expect(resolveServerOptions({ config: fileOf({ apiKeys: keys }) }, {}).apiKeys).toEqual(keys);
    });

    it.each(['', '# none\n', 'alice', 'alice secret more', 'al/ice secret'])(
      'refuses a file of %j without quoting it',
      (content) => {
        const message = messageOf({ apiKeys: fileOf(content, 'keys') });
        expect(message).not.toContain('secret');
      },
    );

    it('quotes no key of the configuration', () => {
      const apiKeys = [{ name: 'a b', key: 'secret' }];
      expect(messageOf({ config: fileOf({ apiKeys }) })).not.toContain('secret');
      expect(messageOf({ apiKey: ['secret'] })).not.toContain('secret');
    });

    it('refuses a key of two callers', () => {
      const given = { apiKey: 'k', apiKeys: [{ name: 'a', key: 'k' }] };
      expect(messageOf(given)).toContain('two callers');
    });

    it.each(['0.0.0.0', '::', '192.168.1.7', 'example.org', '127.example.org'])(
      'wants one at %s, unless it is told otherwise',
      (host) => {
        expect(messageOf({ host })).toContain('allowAnonymous');
        const apiKeys = [{ name: 'a', key: 'k' }];
        for (const given of [{ apiKey: 'k' }, { apiKeys }, { allowAnonymous: true }]) {
          expect(resolveServerOptions({ host, ...given }, {}).host).toBe(host);
        }
      },
    );

    it.each(['localhost', '127.0.0.1', '127.1.2.3', '::1'])('wants none at %s', (host) => {
      expect(resolveServerOptions({ host }, {}).host).toBe(host);
    });
  });
});
