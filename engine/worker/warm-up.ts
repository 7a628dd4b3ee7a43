import { makeAudio } from '../../tts/pipeline/make-audio.js';
import { makeTokens } from '../../tts/pipeline/make-tokens.js';
import { SpeechJob } from '../../tts/pipeline/speech-job.js';
import type { SpeechModels } from '../../tts/pipeline/speech-models.js';

/** Long enough for chunks of several sizes. */
const TEXT = 'This is only to wake all of the networks up, before anybody has to wait for them.';

/**
 * Speaks once for nobody: the first run of a network plans its memory, and the first listener should
 * not wait for that.
 *
 * @param models - Loaded models.
 * @throws {SpeechError} What a first request would fail with.
 */
export async function warmUp(models: SpeechModels): Promise<void> {
  const [voice] = models.language.config.voiceIds;
  let failure: unknown;
  const job = new SpeechJob(
    models,
    { voice: voice!, seed: 0, speed: 1, temperature: undefined, isLive: false },
    {
      wantText: () => undefined,
      chunk: ({ samples }) => {
        job.consume(samples.length);
      },
      end: () => undefined,
      fail: (error) => {
        failure = error;
      },
    },
  );
  await job.pushText({ text: TEXT, isLast: true });
  while (job.task !== 'none') {
    await (job.task === 'audio' ? makeAudio : makeTokens)(models, [job]);
  }
  if (failure !== undefined) {
    throw failure as Error;
  }
}
