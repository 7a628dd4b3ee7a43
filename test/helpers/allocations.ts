const COUNTED = [
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
  'Float64Array',
  'ArrayBuffer',
] as const;

/**
 * Counts the bytes of all typed arrays that code makes with `new`, freed or not.
 *
 * @param run - The code; it may throw or be asynchronous.
 * @returns Bytes.
 */
export async function countAllocations(run: () => unknown): Promise<number> {
  let numBytes = 0;
  const saved = COUNTED.map((name) => [name, globalThis[name]] as const);
  for (const [name, original] of saved) {
    const counting = new Proxy(original, {
      construct(target, args: unknown[], newTarget) {
        const made = Reflect.construct(target, args, newTarget) as ArrayBuffer;
        // a view of a buffer that is there already costs nothing
        numBytes += args[0] instanceof ArrayBuffer ? 0 : made.byteLength;
        return made;
      },
    });
    Object.assign(globalThis, { [name]: counting });
  }
  try {
    await run();
  } catch {
    // what an attempt that fails has cost counts too
  } finally {
    Object.assign(globalThis, Object.fromEntries(saved));
  }
  return numBytes;
}
