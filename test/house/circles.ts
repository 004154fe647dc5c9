/** Nodes of a graph that reach one another, each group sorted; a graph without circles has none. */
export function circlesIn(edges: ReadonlyMap<string, ReadonlySet<string>>): readonly (readonly string[])[] {
  const reach = new Map([...edges.keys()].map((node) => [node, reachableFrom(node, edges)]));
  const reaches = (from: string, to: string) => reach.get(from)?.has(to) ?? false;
  const groups = new Map<string, readonly string[]>();
  for (const node of edges.keys()) {
    if (!reaches(node, node)) continue;
    const group = [...edges.keys()].filter((other) => reaches(node, other) && reaches(other, node)).sort();
    groups.set(group[0]!, group);
  }
  return [...groups.values()];
}

function reachableFrom(start: string, edges: ReadonlyMap<string, ReadonlySet<string>>): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const next of edges.get(node) ?? []) {
      if (found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}
