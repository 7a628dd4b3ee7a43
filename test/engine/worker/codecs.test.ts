import type { LatentCodec } from '../../../codecs/index.js';
import { WorkerCodecs } from '../../../engine/worker/codecs.js';
import { createSampleCodec } from '../../helpers/sample-codec.js';

describe('WorkerCodecs', () => {
  it('closes a stream and forgets its number', async () => {
    const codec = createSampleCodec();
    const closed: string[] = [];
    for (const kind of ['encoder', 'decoder'] as const) {
      const open = codec[kind].bind(codec) as () => { close(): Promise<void> };
      Object.assign(codec, {
        [kind]: () => {
          const stream = open();
          const close = stream.close.bind(stream);
          stream.close = () => {
            closed.push(kind);
            return close();
          };
          return stream;
        },
      });
    }
    const latents = { load: () => Promise.resolve(codec) } as unknown as LatentCodec;
    const codecs = new WorkerCodecs(() => latents);
    const encoder = await codecs.openEncoder('rvq');
    const decoder = await codecs.openDecoder('rvq');
    await codecs.closeStream(encoder);
    expect(closed).toEqual(['encoder']);
    await codecs.closeStream(decoder);
    expect(closed).toEqual(['encoder', 'decoder']);
    const pushing = codecs.pushSamples(encoder, new Float32Array(8));
    await expect(pushing).rejects.toMatchObject({ code: 'STATE_INVALID' });
    await expect(codecs.flushDecoder(decoder)).rejects.toMatchObject({ code: 'STATE_INVALID' });
  });
});
