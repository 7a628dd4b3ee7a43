import { jest } from '@jest/globals';
import { Listener } from '../../../src/bench/listener.js';

/** 100 ms of PCM. */
const AUDIO = new Uint8Array(4_800);

describe('Listener', () => {
  let nowMs: number;
  beforeEach(() => {
    nowMs = 1_000;
    jest.spyOn(performance, 'now').mockImplementation(() => nowMs);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });
  const at = (ms: number, listener: Listener, what: 'pushed' | 'audio') => {
    nowMs = 1_000 + ms;
    if (what === 'pushed') {
      listener.pushed();
    } else {
      listener.audio(AUDIO);
    }
  };

  it('plays what comes in time without a break', () => {
    const listener = new Listener();
    at(0, listener, 'pushed');
    at(50, listener, 'audio');
    at(60, listener, 'audio');
    at(249, listener, 'audio');
    expect(listener).toMatchObject({ numUnderruns: 0, underrunSeconds: 0, gapsMs: [10, 189] });
    expect(listener.firstAudioMs).toBe(50);
    expect(listener.afterThirdWordMs).toBeUndefined();
    expect(listener.workSeconds).toBeCloseTo(0.249);
    expect(listener.audioSeconds).toBeCloseTo(0.3);
    expect(listener.heardMs).toBeCloseTo(1_350);
  });

  it('waits where it runs dry', () => {
    const listener = new Listener();
    at(0, listener, 'pushed');
    at(50, listener, 'audio');
    at(180, listener, 'audio');
    at(300, listener, 'audio');
    expect(listener.numUnderruns).toBe(2);
    expect(listener.underrunSeconds).toBeCloseTo(0.05);
    expect(listener.heardMs).toBeCloseTo(1_400);
  });

  it('counts from the first word and from the third', () => {
    const listener = new Listener();
    for (const ms of [0, 100, 200, 300]) {
      at(ms, listener, 'pushed');
    }
    at(320, listener, 'audio');
    expect(listener.firstAudioMs).toBe(320);
    expect(listener.afterThirdWordMs).toBe(120);
  });

  it('knows of no time where nothing was heard', () => {
    const listener = new Listener();
    listener.pushed();
    expect(listener.firstAudioMs).toBeUndefined();
    expect(listener.workSeconds).toBe(0);
  });
});
