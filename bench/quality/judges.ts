import { join } from 'node:path';
import { resample } from '../../src/audio/resampler.js';
import { runPython, type JudgeKind, type JudgePython } from './python.js';
import { writeWav } from './tools.js';

/** What a recogniser hears. */
export type Hearing = {
  heard: string;
  /** Length without the silence at both ends. */
  seconds: number;
};

/** What is said in a clip and who says it. */
export type Recognition = Hearing & {
  /** Who speaks: a vector of length 1. */
  voice: number[];
};

/** What all judges say about a clip. */
export type Judgement = Recognition & {
  /** Naturalness, 1 to 5. */
  distillMos: number;
  /** Overall quality by P.835, 1 to 5. */
  dnsMosOverall: number;
  /** Quality by P.808, 1 to 5. */
  dnsMosP808: number;
};

const JUDGE_RATE = 16_000;

/** Those who judge clips, each clip once; the models are loaded for each list of clips. */
export class Judges {
  /**
   * @param python - Has the packages.
   * @param kind - Quick judges hear with Whisper tiny.en, full ones with base.
   * @param folder - For temporary files.
   */
  constructor(
    readonly python: JudgePython,
    readonly kind: JudgeKind,
    readonly folder: string,
  ) {}

  /**
   * Writes a clip where the judges can read it.
   *
   * @param name - File name without extension, unique in the run.
   * @param samples - Mono.
   * @param sampleRate - Of the samples, Hz.
   * @returns The path.
   */
  async save(name: string, samples: Float32Array, sampleRate: number): Promise<string> {
    const path = join(this.folder, `${name}.wav`);
    await writeWav(path, resample(samples, sampleRate, JUDGE_RATE), JUDGE_RATE);
    return path;
  }

  /**
   * Lets the recogniser write down clips.
   *
   * @param wavs - Paths.
   * @throws {ToolMissing} If a package is missing.
   */
  async hear(wavs: readonly string[]): Promise<Hearing[]> {
    return this.#ask(wavs, ['heard']);
  }

  /**
   * Lets clips be recognised, what is said and who speaks; quick judges cannot.
   *
   * @param wavs - Paths.
   * @throws {ToolMissing} If a package is missing.
   */
  async recognise(wavs: readonly string[]): Promise<Recognition[]> {
    return this.#ask(wavs, ['heard', 'voice']);
  }

  /**
   * Lets every judge hear clips; quick judges cannot.
   *
   * @param wavs - Paths.
   * @throws {ToolMissing} If a package is missing.
   */
  async judge(wavs: readonly string[]): Promise<Judgement[]> {
    return this.#ask(wavs, ['heard', 'naturalness', 'voice']);
  }

  async #ask<T extends Hearing>(wavs: readonly string[], measures: string[]): Promise<T[]> {
    if (wavs.length === 0) {
      return [];
    }
    process.stderr.write(`judging ${wavs.length} clips\n`);
    const job = {
      recogniser: this.kind === 'quick' ? 'tiny.en' : 'base',
      measures,
      cache: this.python.cache,
      clips: wavs.map((wav) => ({ wav })),
    };
    return runPython(this.python, 'judge.py', job, this.folder);
  }
}
