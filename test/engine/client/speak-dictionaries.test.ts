import {
  DictionarySender,
  readSpeakDictionaries,
} from '../../../engine/client/speak-dictionaries.js';
import type { EngineCommand } from '../../../engine/protocol.js';
import { Dictionary } from '../../../tts/text/dictionary.js';

const make = (count: number): Dictionary[] =>
  Array.from({ length: count }, (_, index) => Dictionary.fromRecord({ [`w${index}`]: 'x' }));

describe('DictionarySender', () => {
  it('keeps sixteen in the worker, those that were used last', () => {
    const commands: EngineCommand[] = [];
    const sender = new DictionarySender((command) => commands.push(command));
    const dictionaries = make(17);
    for (const dictionary of dictionaries.slice(0, 16)) {
      sender.send([dictionary]);
    }
    expect(sender.send([dictionaries[0]!])).toEqual([1]);
    expect(commands).toHaveLength(16);
    expect(sender.send([dictionaries[16]!])).toEqual([17]);
    expect(commands.slice(16)).toMatchObject([
      { type: 'forgetDictionary', dictionary: 2 },
      { type: 'dictionary', dictionary: 17 },
    ]);
    expect(sender.send([dictionaries[0]!, dictionaries[1]!])).toEqual([1, 18]);
  });
});

describe('readSpeakDictionaries', () => {
  it('takes eight and no more', () => {
    expect(readSpeakDictionaries(make(8))).toHaveLength(8);
    expect(() => readSpeakDictionaries(make(9))).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
    );
  });
});
