import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPackageRoot } from '../../base/package-root.js';
import { writeLnt, type Codes } from '../../index.js';
import { startScript } from '../helpers/command.js';
import { findPython, runPython } from '../helpers/python.js';

const PROPERTIES = {
  kind: 'rvq',
  name: 'linnet-24k-rvq',
  sampleRate: 24_000,
  channels: 1,
  frameSize: 480,
  frameRate: 50,
  numCodebooks: 8,
  cardinality: 1024,
  weightsHash: '5a'.repeat(32),
} as const;

/** Codes [T, K] that look like noise, for all samples but a few of the last frame. */
function makeCodes(numFrames: number, numCodebooks: number, seed: number): Codes {
  let state = seed;
  const data = Uint16Array.from({ length: numFrames * numCodebooks }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 22;
  });
  return { data, numFrames, numCodebooks, numSamples: numFrames * 480 - 7 };
}

// longer than a block, exactly one, and short; the second in a folder, the third with characters of 2 and 4 bytes
const RECORDINGS = [
  ['a.wav.lnt', makeCodes(131, 8, 1)],
  ['deep/b.mp3.lnt', makeCodes(50, 8, 2)],
  ['é 🎙.flac.lnt', makeCodes(3, 8, 3)],
] as const;

describe('programs for data sets', () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'linnet-datasets-'));
    mkdirSync(at('deep'));
    for (const [name, codes] of RECORDINGS) {
      writeFileSync(at(name), writeLnt(codes, PROPERTIES, { tags: { source: name } }));
    }
    writeFileSync(at('notes.txt'), 'left alone');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  describe('tokens-to-npz', () => {
    const expected = {
      codes: RECORDINGS.flatMap(([, { data }]) => [...data]),
      offsets: [0, 131, 181, 184],
      names: RECORDINGS.map(([name]) => name),
    };

    it('writes arrays whose bytes are those of the codes', async () => {
      const { code, stderr } = await startScript('examples/tokens-to-npz.js', [folder]).result;
      expect([code, stderr]).toEqual([0, '']);
      const { codes, offsets, names } = readNpz(readFileSync(at('tokens.npz')));
      expect(codes!.header).toBe(
        "{'descr': '<u2', 'fortran_order': False, 'shape': (184, 8,)}".padEnd(117) + '\n',
      );
      expect(offsets!.header).toMatch(/^{'descr': '<i8', 'fortran_order': False, 'shape': \(4,\)} +\n$/); // prettier-ignore
      expect(names!.header).toMatch(/^{'descr': '<U14', .*'shape': \(3,\)} +\n$/);
      expect([...new Uint16Array(codes!.data)]).toEqual(expected.codes);
      expect([...new BigInt64Array(offsets!.data)].map(Number)).toEqual(expected.offsets);
      const characters = [...new Uint32Array(names!.data)];
      const text = characters.map((character) => String.fromCodePoint(character)).join('');
      const lines = RECORDINGS.map((_, index) =>
        Array.from(text).slice(14 * index, 14 * (index + 1)),
      );
      expect(lines.map((line) => line.join('').replace(/\0+$/, ''))).toEqual(expected.names);
    });

    const numpy = findPython('json, numpy');
    (numpy === undefined ? it.skip : it)('is read by NumPy (skipped without it)', async () => {
      await startScript('examples/tokens-to-npz.js', [folder, at('out.npz')]).result;
      const program =
        'import json, numpy, sys; a = numpy.load(sys.argv[1]); c = a["codes"]; ' +
        'print(json.dumps([str(c.dtype), c.shape, c.ravel().tolist(), str(a["offsets"].dtype), ' +
        'a["offsets"].tolist(), a["names"].tolist()]))';
      const { stdout } = runPython(numpy!, ['-c', program, at('out.npz')]);
      const { codes, offsets, names } = expected;
      expect(JSON.parse(stdout)).toEqual(['uint16', [184, 8], codes, 'int64', offsets, names]);
    });

    it('takes no files of different levels together', async () => {
      writeFileSync(at('deep/c.lnt'), writeLnt(makeCodes(9, 4, 4), PROPERTIES));
      const { code, stderr } = await startScript('examples/tokens-to-npz.js', [folder]).result;
      expect(code).toBe(1);
      expect(stderr).toContain('deep/c.lnt has 4 levels, the files before it 8.');
    });
  });

  const python = findPython('array, json, zlib');
  (python === undefined ? describe.skip : describe)('read_lnt.py (skipped without Python)', () => {
    const script = join(findPackageRoot(), 'examples', 'read_lnt.py');
    const module =
      'import json, sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1]); ' +
      'from read_lnt import read_lnt; print(json.dumps([(h, c.tolist()) for h, c in map(read_lnt, sys.argv[2:])]))';

    it('reads the codes and what is said of them', () => {
      const paths = RECORDINGS.map(([name]) => at(name));
      const examples = join(findPackageRoot(), 'examples');
      const { stdout, stderr } = runPython(python!, ['-c', module, examples, ...paths]);
      expect(stderr).toBe('');
      expect(JSON.parse(stdout)).toEqual(
        RECORDINGS.map(([name, { data, numFrames, numSamples }]) => [
          {
            codec: 'linnet-24k-rvq',
            weights: '5a'.repeat(32),
            tags: { source: name },
            sample_rate: 24_000,
            levels: 8,
            codebook_size: 1024,
            frames: numFrames,
            samples: numSamples,
          },
          [...data],
        ]),
      );
    });

    it('shows files, and says what is wrong with damaged and entropy-coded ones', () => {
      const whole = Buffer.from(writeLnt(makeCodes(131, 8, 1), PROPERTIES));
      const damaged = Buffer.from(whole);
      damaged[900]! ^= 1;
      const head = Buffer.from(whole);
      head[12]! ^= 1;
      const coded = writeLnt(makeCodes(131, 8, 1), PROPERTIES, { entropy: true });
      const files: [string, Uint8Array, RegExp][] = [
        ['damaged.lnt', damaged, /^error: .*damaged\.lnt: block 1 is damaged\n$/],
        ['cut.lnt', whole.subarray(0, 1_000), /^error: .*cut\.lnt is cut off\n$/],
        [
          'no-end.lnt',
          whole.subarray(0, -5),
          /^error: .*no-end\.lnt: cut off or damaged after 3 blocks\n$/,
        ],
        ['head.lnt', head, /^error: .*its header is damaged\n$/],
        ['coded.lnt', coded, /^error: .*coded\.lnt: entropy-coded/],
        ['text.lnt', Buffer.from('no tokens'), /^error: .*no token file of version 2\n$/],
      ];
      for (const [name, bytes, message] of files) {
        writeFileSync(at(name), bytes);
        const { code, stderr } = runPython(python!, [script, at(name)]);
        expect([name, code]).toEqual([name, 1]);
        expect(stderr).toMatch(message);
      }
      const shown = runPython(python!, [script, at('a.wav.lnt')]);
      expect(JSON.parse(shown.stdout)).toMatchObject({ frames: 131, levels: 8 });
    });
  });
});

/** The arrays of a ZIP file that is not compressed, each with the header's text, by its central directory. */
function readNpz(bytes: Buffer): Record<string, { header: string; data: ArrayBuffer }> {
  const arrays: Record<string, { header: string; data: ArrayBuffer }> = {};
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  let entry = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left--) {
    const [size, nameLength] = [bytes.readUInt32LE(entry + 24), bytes.readUInt16LE(entry + 28)];
    const name = bytes.toString('latin1', entry + 46, entry + 46 + nameLength);
    const local = bytes.readUInt32LE(entry + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const npy = bytes.subarray(start, start + size);
    const length = npy.readUInt16LE(8);
    expect(npy.toString('latin1', 0, 8)).toBe('\x93NUMPY\x01\x00');
    expect((10 + length) % 64).toBe(0);
    arrays[name.replace(/\.npy$/, '')] = {
      header: npy.toString('latin1', 10, 10 + length),
      data: Uint8Array.from(npy.subarray(10 + length)).buffer,
    };
    entry += 46 + nameLength + bytes.readUInt16LE(entry + 30) + bytes.readUInt16LE(entry + 32);
  }
  return arrays;
}
