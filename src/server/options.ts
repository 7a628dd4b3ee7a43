import { z } from 'zod';
import { SpeechError } from '../../base/errors.js';
import { describeRange, readNumber, type NumberRange } from '../../base/numbers.js';

/** How the server runs; each has a command-line option and an environment variable. */
export type ServerOptions = {
  /** Address to listen on. */
  host: string;
  /** TCP port; 0 takes a free one. */
  port: number;
  /** Key that requests must carry as a bearer token; none is asked for without it. */
  apiKey?: string;
  /** Origins whose pages may call the server from a browser, or `*`; none if empty. */
  corsOrigins: string[];
  /** Longest text of one request in UTF-16 units. OpenAI's limit is 4096. */
  maxInput: number;
  /** Turns at the engine: requests that speak at the same time. */
  maxRunning: number;
  /** Requests that wait for their turn. */
  maxWaiting: number;
  /** Responses that gave their turn back, as their clients do not read; then new ones are refused. */
  maxPaused: number;
  /** WebSockets that are open at the same time. */
  maxSockets: number;
  /** Live speeches that are open at the same time, over all WebSockets. */
  maxContexts: number;
  /** How long a response may stand still because its client does not read, in ms. */
  stallTimeoutMs: number;
  /** How long running responses may go on after the server was told to stop, in ms. */
  drainTimeoutMs: number;
  /** Files of pronunciations, read anew when they change; later ones win. */
  dictionary: string[];
  /** pino's log level. */
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
};

/** Which numbers the options take that are numbers. */
export const NUMBER_RANGES = {
  port: { min: 0, max: 65_535, isInteger: true },
  maxInput: { min: 1, max: 10_000_000, isInteger: true },
  maxRunning: { min: 1, max: 4_096, isInteger: true },
  maxWaiting: { min: 0, max: 65_536, isInteger: true },
  maxPaused: { min: 1, max: 65_536, isInteger: true },
  maxSockets: { min: 1, max: 65_536, isInteger: true },
  maxContexts: { min: 1, max: 65_536, isInteger: true },
  // Node's timers take no longer time
  stallTimeoutMs: { min: 100, max: 2 ** 31 - 1, isInteger: true },
  drainTimeoutMs: { min: 0, max: 2 ** 31 - 1, isInteger: true },
} as const satisfies Record<string, NumberRange>;

const SCHEMA = z.object({
  host: z.string().min(1).default('127.0.0.1'),
  port: number(NUMBER_RANGES.port).default(8080),
  apiKey: z.string().min(1).optional(),
  corsOrigins: z.array(z.string().min(1)).default([]),
  maxInput: number(NUMBER_RANGES.maxInput).default(4_096),
  maxRunning: number(NUMBER_RANGES.maxRunning).default(16),
  maxWaiting: number(NUMBER_RANGES.maxWaiting).default(32),
  maxPaused: number(NUMBER_RANGES.maxPaused).default(64),
  maxSockets: number(NUMBER_RANGES.maxSockets).default(256),
  maxContexts: number(NUMBER_RANGES.maxContexts).default(64),
  stallTimeoutMs: number(NUMBER_RANGES.stallTimeoutMs).default(120_000),
  drainTimeoutMs: number(NUMBER_RANGES.drainTimeoutMs).default(30_000),
  dictionary: z.array(z.string().min(1)).max(7).default([]),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

/**
 * Completes and checks the server's options.
 *
 * @param given - Options from the command line or a program; they win over the environment.
 * @param env - `LINNET_HOST`, `LINNET_PORT`, `LINNET_API_KEY`, `LINNET_CORS_ORIGINS` (separated by
 * commas), `LINNET_MAX_INPUT`, `LINNET_MAX_RUNNING`, `LINNET_MAX_WAITING`, `LINNET_MAX_PAUSED`,
 * `LINNET_MAX_SOCKETS`, `LINNET_MAX_CONTEXTS`, `LINNET_STALL_TIMEOUT_MS`, `LINNET_DICTIONARY`
 * (separated by commas), `LINNET_DRAIN_TIMEOUT_MS`, `LINNET_LOG_LEVEL`. An empty one counts as not set.
 * @returns All options.
 * @throws {SpeechError} `OPTION_INVALID` for the first option that is out of range.
 */
export function resolveServerOptions(
  given: Partial<Record<keyof ServerOptions, unknown>> = {},
  env: NodeJS.ProcessEnv = process.env,
): ServerOptions {
  const merged: Record<string, unknown> = {};
  for (const name of Object.keys(SCHEMA.shape) as (keyof ServerOptions)[]) {
    const value = given[name] ?? fromEnvironment(name, env);
    if (value !== undefined) {
      merged[name] = value;
    }
  }
  const result = SCHEMA.safeParse(merged);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const name = String(issue.path[0]);
    throw new SpeechError('OPTION_INVALID', `${name}: ${issue.message}.`, { option: name });
  }
  const { apiKey, ...rest } = result.data;
  return apiKey === undefined ? rest : { ...rest, apiKey };
}

/** A number, or one as a person writes it. */
function number(range: NumberRange) {
  return z.union([z.number(), z.string()]).transform((value, context) => {
    const read = readNumber(String(value), range);
    if (read === undefined) {
      context.addIssue({
        code: 'custom',
        message: `it is ${JSON.stringify(value)}, and must be ${describeRange(range)}`,
      });
      return z.NEVER;
    }
    return read;
  });
}

function fromEnvironment(name: keyof ServerOptions, env: NodeJS.ProcessEnv): unknown {
  const variable = `LINNET_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
  const value = env[variable];
  if (value === undefined || value === '') {
    return undefined;
  }
  return name === 'corsOrigins' || name === 'dictionary'
    ? value.split(',').map((origin) => origin.trim())
    : value;
}
