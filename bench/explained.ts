/**
 * Prints why a task failed. A user of `linnet` gets what the catalogue of errors says; whoever measures
 * is told what exactly went wrong.
 *
 * @param task - What a program does.
 * @returns The same, which throws on what the task throws.
 */
export function explained<T extends unknown[]>(
  task: (...args: T) => Promise<void>,
): (...args: T) => Promise<void> {
  return async (...args) => {
    try {
      await task(...args);
    } catch (error) {
      process.stderr.write(`failed: ${error instanceof Error ? error.message : String(error)}\n`);
      throw error;
    }
  };
}
