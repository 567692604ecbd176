/** Sets of things that share somebody, by union of their people: what must be judged together. */
export function componentsOf<T>(things: readonly T[], peopleOf: (thing: T) => readonly string[]): T[][] {
  const parent = new Map<string, string>();
  const root = (person: string): string => {
    let at = person;
    for (let up = parent.get(at); up !== undefined && up !== at; up = parent.get(at)) at = up;
    return at;
  };
  for (const thing of things) {
    const [first, ...rest] = peopleOf(thing);
    if (first === undefined) continue;
    if (!parent.has(first)) parent.set(first, first);
    for (const person of rest) {
      if (!parent.has(person)) parent.set(person, person);
      parent.set(root(person), root(first));
    }
  }
  return [...Map.groupBy(things, (thing) => root(peopleOf(thing)[0] ?? '')).values()];
}
