import { readFileSync } from 'node:fs';
import {
  ERROR_CATALOGUE,
  errorFromBody,
  SpeechError,
  toSpeechError,
  type SpeechErrorBody,
} from '../../base/errors.js';

const ROW = /^\| `([A-Z_]+)` \| (\d+) \| (\d+) \| (yes|no) \| .+ \| .+ \|$/;

describe('ERROR_CATALOGUE', () => {
  it('equals docs/errors.md', () => {
    const documented = readFileSync('docs/errors.md', 'utf8')
      .split('\n')
      .flatMap((line) => {
        const match = ROW.exec(line);
        return match === null ? [] : [match];
      })
      .map(([, code, status, closeCode, retryable]) => ({
        code,
        status: Number(status),
        closeCode: Number(closeCode),
        retryable: retryable === 'yes',
      }));
    const catalogue = Object.entries(ERROR_CATALOGUE).map(([code, entry]) => ({ code, ...entry }));
    expect(documented).toEqual(catalogue);
  });

  it('gives each WebSocket close code the last three digits of the HTTP status', () => {
    for (const { status, closeCode } of Object.values(ERROR_CATALOGUE)) {
      expect(closeCode).toBe(4000 + status);
    }
  });
});

describe('SpeechError', () => {
  it('survives a trip through JSON', () => {
    const error = new SpeechError('QUEUE_FULL', 'Too many.', { running: 4 });
    const copy = errorFromBody(JSON.parse(JSON.stringify(error)) as SpeechErrorBody);
    expect(copy).toMatchObject({ code: 'QUEUE_FULL', details: { running: 4 }, status: 503 });
    expect(copy.closeCode).toBe(4503);
    expect(copy.retryable).toBe(true);
  });
});

describe('toSpeechError', () => {
  it.each([
    ['ENOENT', 'FILE_NOT_FOUND'],
    ['EISDIR', 'FILE_READ_FAILED'],
    ['ENOSPC', 'FILE_WRITE_FAILED'],
    ['EWHATEVER', 'INTERNAL'],
  ])('maps %s to %s', (errno, code) => {
    const thrown = Object.assign(new Error('as Node says it'), { code: errno, path: 'a.wav' });
    expect(toSpeechError(thrown).code).toBe(code);
  });

  it('maps an abort to CANCELLED and keeps a catalogued error', () => {
    const controller = new AbortController();
    controller.abort();
    expect(toSpeechError(controller.signal.reason).code).toBe('CANCELLED');
    const error = new SpeechError('TEXT_EMPTY', 'No text.');
    expect(toSpeechError(error)).toBe(error);
  });

  it('does not repeat the message of a bug', () => {
    expect(toSpeechError(new TypeError('secret text')).message).not.toContain('secret');
    expect(toSpeechError('secret').message).not.toContain('secret');
  });
});
