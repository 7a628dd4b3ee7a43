import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SpeechError } from '../../../base/errors.js';
import { StreamingCodec } from '../../../codecs/streaming/streaming-codec.js';
import { encodeFile, packLnt } from '../../../src/files/codec-files.js';
import { readLntFile } from '../../../src/library/token-files.js';
import { fakeFrameCodec } from '../../codecs/streaming/fake-frame-codec.js';
import { errorWithCode } from '../../helpers/errors.js';

// samples of the codec are whole numbers below 50; a second of it is 40 of them
const AUDIO = Float32Array.from({ length: 333 }, (_, index) => (index * 7) % 50);
const codec = new StreamingCodec(fakeFrameCodec());

async function* inPieces(size: number): AsyncGenerator<Float32Array, void, undefined> {
  for (let start = 0; start < AUDIO.length; start += size) {
    yield await Promise.resolve(AUDIO.subarray(start, start + size));
  }
}

describe('encodeFile', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-codec-files-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('writes while the audio comes what the tokens of all of it would be', async () => {
    const path = join(folder, 'a.lnt');
    const sizes: number[] = [];
    async function* watched() {
      for await (const piece of inPieces(40)) {
        yield piece;
        sizes.push(...readdirSync(folder).map((name) => statSync(join(folder, name)).size));
      }
    }
    const encoded = await encodeFile(codec, watched(), path, {});
    const bytes = new Uint8Array(readFileSync(path));
    expect(encoded).toEqual({
      numBytes: bytes.length,
      durationSeconds: 333 / 40,
      bitrateKbps: (bytes.length * 8) / (333 / 40) / 1000,
    });
    // a block is written when the next one has begun
    expect(sizes).toHaveLength(8);
    expect(sizes[0]).toBeGreaterThan(0);
    expect(sizes[5]).toBeGreaterThan(sizes[4]!);
    expect(Buffer.from(packLnt(await codec.encode(AUDIO), codec)).equals(bytes)).toBe(true);
    expect(await codec.decode(await readLntFile(path))).toEqual(AUDIO);
  });

  it('leaves nothing behind when the audio fails, is cancelled or the options are wrong', async () => {
    async function* failing() {
      yield* inPieces(100);
      throw new SpeechError('AUDIO_INVALID', 'Cut short.');
    }
    const path = join(folder, 'a.lnt');
    const failed = encodeFile(codec, failing(), path, {});
    await expect(failed).rejects.toThrow(errorWithCode('AUDIO_INVALID'));
    const signal = AbortSignal.abort();
    const cancelled = encodeFile(codec, inPieces(100), path, { signal });
    await expect(cancelled).rejects.toThrow(errorWithCode('CANCELLED'));
    const wrong = encodeFile(codec, inPieces(100), path, { numCodebooks: 5 });
    await expect(wrong).rejects.toThrow(errorWithCode('OPTION_INVALID'));
    expect(readdirSync(folder)).toEqual([]);
  });
});
