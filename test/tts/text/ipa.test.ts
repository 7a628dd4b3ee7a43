import { isPhone } from '../../../tts/text/index.js';
import { ipaToPhones } from '../../../tts/text/ipa.js';
import { readTable } from '../../../tts/text/read-table.js';
import { errorWithCode } from '../../helpers/errors.js';

describe('ipaToPhones', () => {
  it.each([
    ['/həˈloʊ/', 'hh ah0 l ow1'],
    ['[həˈləʊ]', 'hh ah0 l ow1'],
    ['ˌʌndəˈstænd', 'ah2 n d ah0 s t ae1 n d'],
    ['ˈdʒɜːni', 'jh er1 n iy0'],
    ['ˈt͡ʃɝt͡ʃ', 'ch er1 ch'],
    ['bɑː', 'b aa1'],
    ['fjuː', 'f y uw1'],
    ['ˈbʌtn̩', 'b ah1 t ah0 n'],
    ['ðə', 'dh ah0'],
    ['bəˈnænə', 'b ah0 n ae1 n ah0'],
    ['bənænə', 'b ah0 n ae1 n ah0'],
    ['ɹʷɛd', 'r eh1 d'],
    ['ˈθɪŋ.kɪŋ', 'th ih1 ng k ih0 ng'],
    ['fɪŋɡɚ', 'f ih1 ng g er0'],
    ['ʁɛstoʁɑ̃', 'r eh1 s t ow0 r aa0 n'],
    ['ça', 'hh aa1'],
  ])('reads %s', (text, expected) => {
    expect(ipaToPhones(text).join(' ')).toBe(expected);
  });

  it('names a symbol that it does not know', () => {
    expect(() => ipaToPhones('haǃ')).toThrow(errorWithCode('OPTION_INVALID'));
    expect(() => ipaToPhones('haǃ')).toThrow(/"ǃ" \(U\+01C3\)/);
    expect(() => ipaToPhones('/ˈ/')).toThrow(errorWithCode('OPTION_INVALID'));
  });

  it('knows only phones of the set', () => {
    for (const [symbol] of readTable('ipa')) {
      expect(ipaToPhones(symbol!).filter((phone) => !isPhone(phone))).toEqual([]);
    }
  });
});
