/**
 * An object that has the given properties, and for every other property something that can be read, called and
 * iterated without any effect. It stands for the database and the rest while routes are only declared.
 */
export function inert<Known extends object>(known: Known): Known {
  return new Proxy(known, { get: (target, key) => (Reflect.has(target, key) ? Reflect.get(target, key) : nothing) });
}

const nothing: unknown = new Proxy(() => undefined, {
  get(_target, key) {
    if (key === Symbol.iterator) return () => [][Symbol.iterator]();
    // With a `then` it would be awaited for ever.
    return key === 'then' || typeof key === 'symbol' ? undefined : nothing;
  },
  apply: () => nothing,
});
