import { ManifestWriter } from '../batch/manifest.js';
import { foldersOf } from '../batch/plan.js';
import { BatchReport } from '../batch/report.js';
import { runLanes, type Lane } from '../batch/run-lanes.js';
import { exists } from '../batch/existing.js';
import { removeLeftovers } from '../files/temporary-files.js';
import type { EngineArguments } from './arguments.js';
import { divide, type BatchArguments, type BatchPlan } from './batch-arguments.js';
import type { CommandEngine, LoadEngine } from './load-engine.js';
import { filesFailed } from './run.js';
import { writeToStandardOutput } from './standard-streams.js';

/**
 * Works on the files of a plan, and tells what became of them.
 *
 * @param plan - The files.
 * @param options - The command's options.
 * @param loadEngine - Loads the networks of each lane.
 * @param openLane - Makes a lane of an engine.
 * @param signal - Ends the run: files in work are given up.
 * @throws {SpeechError} What ends the whole run; {@link filesFailed} at its end if a file failed.
 */
export async function runBatch(
  plan: BatchPlan,
  options: BatchArguments & EngineArguments,
  loadEngine: LoadEngine,
  openLane: (engine: CommandEngine) => Promise<Lane>,
  signal: AbortSignal,
): Promise<void> {
  const { tasks } = plan;
  if (options.dryRun === true) {
    await listTasks(plan, options);
    return;
  }
  for (const folder of foldersOf(tasks)) {
    await removeLeftovers(folder);
  }
  const manifest =
    options.manifest === undefined ? undefined : await ManifestWriter.open(options.manifest);
  const writeLine = options.json === true ? writeToStandardOutput : undefined;
  const report = new BatchReport({
    output: process.stderr,
    numFiles: tasks.length,
    manifest,
    writeLine,
  });
  const share = divide(options, tasks.length);
  const engines: CommandEngine[] = [];
  try {
    const lanes: Lane[] = [];
    let numLanes = tasks.length === 0 ? 0 : share.numLanes;
    while (lanes.length < numLanes) {
      const engine = await loadEngine({ ...share.engine, warmUp: false, signal });
      engines.push(engine);
      lanes.push(await openLane(engine));
      if (engine.device !== 'cpu' && options.jobs === undefined) {
        // what is on a GPU shares its runs
        numLanes = 1;
      }
    }
    await runLanes(tasks, lanes, report);
  } finally {
    report.stop();
    if (report.hasTold || tasks.length === 0) {
      process.stderr.write(`${report.summary()}\n`);
    }
    await Promise.all(engines.map((engine) => engine.close()));
    await manifest?.close();
  }
  if (report.result.numFailed > 0) {
    throw filesFailed();
  }
}

async function listTasks({ tasks, existing }: BatchPlan, { json }: BatchArguments): Promise<void> {
  for (const task of tasks) {
    const isThere = existing !== 'overwrite' && (await exists(task.output));
    const state = !isThere ? 'to do' : existing === 'resume' ? 'there' : 'in the way';
    await writeToStandardOutput(
      json === true
        ? `${JSON.stringify({ ...task, state })}\n`
        : `${state}: ${task.input} -> ${task.output}\n`,
    );
  }
}
