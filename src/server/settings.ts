import type { NumberRange } from '../../base/numbers.js';
import { DEVICES, PRECISIONS } from '../cli/arguments.js';

/** One setting of the server. */
export type Setting = {
  /** What it does, for `--help` and docs/configuration.md. */
  description: string;
} & (
  | { type: 'text'; argument: string; default?: string }
  | { type: 'number'; range: NumberRange; default?: number }
  | { type: 'choice'; choices: readonly string[]; default: string }
  | { type: 'list'; argument: string; maxLength: number; default: readonly string[] }
  /** A path on the command line and in the environment; the configuration file may hold the keys. */
  | { type: 'keys'; argument: string; default: readonly never[] }
  | { type: 'flag'; default: boolean }
);

// Node's timers take no longer time
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The server's settings. The options of `linnet serve`, the environment variables, the fields of the
 * configuration file, their checks and docs/configuration.md are all made from this table.
 */
export const SETTINGS = {
  config: {
    type: 'text',
    argument: 'file',
    description: 'JSON file with settings; what it does not know is refused',
  },
  host: {
    type: 'text',
    argument: 'address',
    default: '127.0.0.1',
    description: 'address to listen on, 0.0.0.0 for all; others than loopback want a key',
  },
  port: {
    type: 'number',
    range: { min: 0, max: 65_535, isInteger: true },
    default: 8080,
    description: 'TCP port, 0 for a free one',
  },
  apiKey: {
    type: 'text',
    argument: 'key',
    description: 'ask clients for this key; other users of the machine can see arguments',
  },
  apiKeys: {
    type: 'keys',
    argument: 'file',
    default: [],
    description: 'keys of several callers: a file of lines "name key"',
  },
  allowAnonymous: {
    type: 'flag',
    default: false,
    description: 'serve other machines without any key',
  },
  corsOrigins: {
    type: 'list',
    argument: 'origins',
    maxLength: 1_000,
    default: [],
    description: 'web origins whose pages may call the server, or "*"',
  },
  maxInput: {
    type: 'number',
    range: { min: 1, max: 10_000_000, isInteger: true },
    // OpenAI's limit
    default: 4_096,
    description: 'longest text of a request in characters (UTF-16 units)',
  },
  maxRunning: {
    type: 'number',
    range: { min: 1, max: 4_096, isInteger: true },
    default: 16,
    description: 'requests that have a turn at the engine at the same time',
  },
  maxWaiting: {
    type: 'number',
    range: { min: 0, max: 65_536, isInteger: true },
    default: 32,
    description: 'requests that wait for their turn; the next is refused with QUEUE_FULL',
  },
  maxPaused: {
    type: 'number',
    range: { min: 1, max: 65_536, isInteger: true },
    default: 64,
    description: 'responses whose clients do not read; then new ones are refused with STREAMS_FULL',
  },
  maxPerKey: {
    type: 'number',
    range: { min: 1, max: 65_536, isInteger: true },
    description: 'requests of one caller that run, wait or are paused; more get RATE_LIMITED',
  },
  ratePerMinute: {
    type: 'number',
    range: { min: 1, max: 1_000_000, isInteger: true },
    description: 'speech requests of one caller in a minute; more get RATE_LIMITED',
  },
  maxCodecs: {
    type: 'number',
    range: { min: 1, max: 4_096, isInteger: true },
    default: 4,
    description: 'requests that encode or decode at the same time, a second of audio in turn',
  },
  maxAudioBytes: {
    type: 'number',
    range: { min: 1_024, max: 2 ** 40, isInteger: true },
    default: 2 ** 28,
    description: 'largest file of a request that encodes or decodes, in bytes',
  },
  maxAudioSeconds: {
    type: 'number',
    range: { min: 1, max: 1_000_000, isInteger: true },
    default: 10_800,
    description: 'longest audio of such a request in seconds',
  },
  maxSockets: {
    type: 'number',
    range: { min: 1, max: 65_536, isInteger: true },
    default: 256,
    description: 'WebSockets that are open; the next is refused with SOCKETS_FULL',
  },
  maxContexts: {
    type: 'number',
    range: { min: 1, max: 65_536, isInteger: true },
    default: 64,
    description: 'live speeches that are open; the next is refused with CONTEXTS_FULL',
  },
  queueTimeoutMs: {
    type: 'number',
    range: { min: 1, max: MAX_TIMEOUT_MS, isInteger: true },
    default: 30_000,
    description: 'how long a request may wait for its first turn; then it gets QUEUE_TIMEOUT',
  },
  stallTimeoutMs: {
    type: 'number',
    range: { min: 100, max: MAX_TIMEOUT_MS, isInteger: true },
    default: 120_000,
    description: 'a client that reads nothing for so long is disconnected',
  },
  drainTimeoutMs: {
    type: 'number',
    range: { min: 0, max: MAX_TIMEOUT_MS, isInteger: true },
    default: 30_000,
    description: 'how long running requests may go on at the end',
  },
  dictionary: {
    type: 'list',
    argument: 'files',
    maxLength: 7,
    default: [],
    description: 'files of pronunciations, read anew when they change; later ones win',
  },
  device: {
    type: 'choice',
    choices: DEVICES,
    default: 'auto',
    description: 'where the models run',
  },
  threads: {
    type: 'number',
    range: { min: 1, max: 256, isInteger: true },
    description: 'processor threads of the models',
  },
  precision: {
    type: 'choice',
    choices: PRECISIONS,
    default: 'auto',
    description: 'arithmetic of the models that speak',
  },
  logLevel: {
    type: 'choice',
    choices: ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
    description: 'how much the log says; a request is a line at info',
  },
} as const satisfies Record<string, Setting>;

/** The name of one of {@link SETTINGS}. */
export type SettingName = keyof typeof SETTINGS;

/** The names of {@link SETTINGS}, in their order. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/**
 * The environment variable of a setting.
 *
 * @param name - Such as `maxInput`.
 * @returns Such as `LINNET_MAX_INPUT`.
 */
export function variableOf(name: SettingName): string {
  return `LINNET_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/**
 * The command line's option of a setting.
 *
 * @param name - Such as `maxInput`.
 * @returns Such as `--max-input <n>`.
 */
export function flagOf(name: SettingName): string {
  const setting: Setting = SETTINGS[name];
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  switch (setting.type) {
    case 'flag':
      return flag;
    case 'number':
      return `${flag} <n>`;
    case 'choice':
      return `${flag} <name>`;
    case 'list':
      return `${flag} <${setting.argument}...>`;
    default:
      return `${flag} <${setting.argument}>`;
  }
}
