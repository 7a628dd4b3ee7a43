/**
 * Listens in on a method of a class, whichever object it is called on.
 *
 * @param prototype - Of the class.
 * @param name - The method's.
 * @param listener - Told of each call, once the method has returned.
 * @returns What ends it.
 */
export function watchCalls<T extends object>(
  prototype: T,
  name: keyof T & string,
  listener: (object: T, args: readonly unknown[], result: unknown) => void,
): () => void {
  const method = prototype[name] as (this: T, ...args: unknown[]) => unknown;
  const watched = function (this: T, ...args: unknown[]): unknown {
    const result = method.apply(this, args);
    listener(this, args, result);
    return result;
  };
  Object.assign(prototype, { [name]: watched });
  return () => {
    Object.assign(prototype, { [name]: method });
  };
}
