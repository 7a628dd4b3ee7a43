import { isIPv4 } from 'node:net';
import { z } from 'zod';
import { readConfig } from '../../base/config-file.js';
import { SpeechError } from '../../base/errors.js';
import { describeRange, readNumber, type NumberRange } from '../../base/numbers.js';
import { CALLER_NAME, readApiKeys, type ApiKey } from './api-keys.js';
import { SETTING_NAMES, SETTINGS, variableOf, type Setting, type SettingName } from './settings.js';

type ValueOf<S extends Setting> = S extends { type: 'number' }
  ? number
  : S extends { type: 'flag' }
    ? boolean
    : S extends { type: 'list' }
      ? string[]
      : S extends { type: 'keys' }
        ? ApiKey[]
        : S extends { type: 'choice'; choices: readonly (infer Choice)[] }
          ? Choice
          : string;

type Table = typeof SETTINGS;
type WithDefault = {
  [Name in SettingName]: Table[Name] extends { default: unknown } ? Name : never;
}[SettingName];

/** How the server runs: a value for each of {@link SETTINGS}, which describe them. */
export type ServerOptions = { [Name in WithDefault]: ValueOf<Table[Name]> } & {
  [Name in Exclude<SettingName, WithDefault>]?: ValueOf<Table[Name]>;
};

/** Settings as a person or a program gives them. */
export type GivenOptions = Partial<Record<SettingName, unknown>>;

/**
 * Completes and checks the server's options.
 *
 * @param given - Options from the command line or a program; they win over the environment.
 * @param env - Variables such as `LINNET_MAX_INPUT`; lists are separated by commas. An empty one counts
 * as not set. They win over the configuration file, and that over the defaults.
 * @returns All options.
 * @throws {SpeechError} `OPTION_INVALID` for the first option that is out of range, or if others than
 * this machine could call the server without a key; what reading the configuration file and the file
 * of keys throws.
 */
export function resolveServerOptions(
  given: GivenOptions = {},
  env: NodeJS.ProcessEnv = process.env,
): ServerOptions {
  const path = given.config ?? fromEnvironment('config', env);
  const file = typeof path === 'string' ? readConfig(path, FILE_SCHEMA, 'OPTION_INVALID') : {};
  const options: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    const [value, source] = [
      [given[name], name],
      [fromEnvironment(name, env), variableOf(name)],
      [file[name], `${String(path)}: ${name}`],
    ].find(([candidate]) => candidate !== undefined) ?? [SETTINGS_DEFAULTS[name], name];
    if (value !== undefined) {
      options[name] = check(name, value, String(source));
    }
  }
  const resolved = options as ServerOptions;
  checkKeys(resolved);
  return resolved;
}

const SETTINGS_DEFAULTS = Object.fromEntries(
  Object.entries<Setting>(SETTINGS).map(([name, setting]) => [name, setting.default]),
);

const KEYS_SCHEMA = z.array(
  z.strictObject({ name: z.string().regex(CALLER_NAME), key: z.string().regex(/^\S+$/) }),
);

// what the fields hold is checked later, together with what comes from elsewhere
const FILE_SCHEMA = z.strictObject(
  Object.fromEntries(
    SETTING_NAMES.filter((name) => name !== 'config').map((name) => [name, z.unknown().optional()]),
  ),
);

function check(name: SettingName, value: unknown, source: string): unknown {
  const setting: Setting = SETTINGS[name];
  const result = schemaOf(setting).safeParse(value);
  if (!result.success) {
    const [{ message, path }] = result.error.issues as [z.core.$ZodIssue];
    const where = [source, ...path].join('.');
    // the value helps whoever reads the message, unless it is a secret
    const isSecret = name === 'apiKey' || name === 'apiKeys';
    const is = isSecret ? 'it' : `it is ${JSON.stringify(value)}, and`;
    throw new SpeechError('OPTION_INVALID', `${where}: ${is} must be ${message}.`, {
      option: name,
    });
  }
  return result.data;
}

/** The errors' messages say what would be right. */
function schemaOf(setting: Setting): z.ZodType {
  switch (setting.type) {
    case 'number':
      return number(setting.range);
    case 'choice':
      return z.enum(setting.choices, `one of ${setting.choices.join(', ')}`);
    case 'list': {
      const error = `a list of at most ${setting.maxLength} texts that are not empty`;
      return z.array(z.string(error).min(1, error), error).max(setting.maxLength, error);
    }
    case 'flag':
      return z.union([z.boolean(), z.stringbool()], 'true or false');
    case 'keys':
      return z.union(
        [z.string().min(1).transform(readApiKeys), KEYS_SCHEMA],
        'the path of a file, or in the configuration file a list of {"name", "key"}',
      );
    case 'text':
      return z.string('a text').min(1, 'a text that is not empty');
  }
}

/** A number, or one as a person writes it. */
function number(range: NumberRange) {
  return z.union([z.number(), z.string()], describeRange(range)).transform((value, context) => {
    const read = readNumber(String(value), range);
    if (read === undefined) {
      context.addIssue({ code: 'custom', message: describeRange(range) });
      return z.NEVER;
    }
    return read;
  });
}

function checkKeys({ host, apiKey, apiKeys, allowAnonymous }: ServerOptions): void {
  const keys = [...apiKeys.map(({ key }) => key), ...(apiKey === undefined ? [] : [apiKey])];
  if (new Set(keys).size < keys.length) {
    throw new SpeechError('OPTION_INVALID', 'apiKeys: no key may belong to two callers.', {
      option: 'apiKeys',
    });
  }
  if (keys.length === 0 && !allowAnonymous && !isLoopback(host)) {
    throw new SpeechError(
      'OPTION_INVALID',
      `host: it is ${JSON.stringify(host)}, where other machines can call the server, and no key is set; set apiKey or apiKeys, or allowAnonymous if that is meant.`,
      { option: 'host', host },
    );
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

function fromEnvironment(name: SettingName, env: NodeJS.ProcessEnv): unknown {
  const value = env[variableOf(name)];
  if (value === undefined || value === '') {
    return undefined;
  }
  return SETTINGS[name].type === 'list' ? value.split(',').map((part) => part.trim()) : value;
}
