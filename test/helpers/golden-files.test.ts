import { GoldenFile } from './golden.js';

describe('the golden files', () => {
  // what real weights give is compared nowhere else, so none may be lost unnoticed
  it.each([
    ['codec/real', 'out.audio.8'],
    ['flow/real', 'out.z'],
    ['g2p/real', 'out.logits'],
    ['language-model/real', 'out.token_logits'],
    ['single/real', 'out.z'],
    ['speech/real', 'out.audio'],
  ])('hold %s with %s', (name, tensor) => {
    expect(new GoldenFile(name).floats(tensor).length).toBeGreaterThan(0);
  });
});
