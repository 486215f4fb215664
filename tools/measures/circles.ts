/** Groups of files that import each other, directly or through others. */
export function circles(imports: ReadonlyMap<string, readonly string[]>): string[][] {
  const reached = new Map([...imports.keys()].map((file) => [file, reachableFrom(file, imports)]));
  const grouped = new Set<string>();
  return [...imports.keys()].flatMap((file) => {
    if (grouped.has(file) || !reached.get(file)?.has(file)) return [];
    const group = [...imports.keys()].filter((other) => reached.get(file)?.has(other) && reached.get(other)?.has(file));
    for (const member of group) grouped.add(member);
    return [group];
  });
}

/** Without the file itself, unless a path leads back to it. */
function reachableFrom(file: string, imports: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>();
  const open = [...(imports.get(file) ?? [])];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.has(next)) continue;
    found.add(next);
    open.push(...(imports.get(next) ?? []));
  }
  return found;
}
