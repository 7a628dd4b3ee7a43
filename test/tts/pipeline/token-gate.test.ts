import { TokenGate, type TokenPlace } from '../../../tts/pipeline/token-gate.js';

function pass(places: readonly TokenPlace[]): number[] {
  const gate = new TokenGate<number>();
  const out: number[] = [];
  for (const [token, place] of places.entries()) {
    const before = out.length;
    expect(gate.push(token, place, out)).toBe(out.length - before);
  }
  return out;
}

describe('TokenGate', () => {
  it('keeps one token of the opening silence', () => {
    expect(pass(['opening', 'opening', 'opening', 'speech', 'speech'])).toEqual([2, 3, 4]);
  });

  it('keeps five tokens of the last silence', () => {
    const places: TokenPlace[] = ['speech', ...Array<TokenPlace>(9).fill('closing')];
    expect(pass(places)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('keeps all of a silence that another sentence follows', () => {
    const places: TokenPlace[] = ['speech', ...Array<TokenPlace>(9).fill('closing')];
    expect(pass([...places, 'opening', 'speech'])).toEqual([...Array(12).keys()]);
  });

  it('counts each closing silence anew', () => {
    const silence = Array<TokenPlace>(7).fill('closing');
    expect(pass(['speech', ...silence, 'speech', ...silence])).toEqual([...Array(14).keys()]);
  });
});
