/** A package archive as the system's apt knows it. */
export interface Archive {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** A keyring file, or an armoured key over several lines, as it stands in the sources. */
  readonly signedBy?: string;
}

/** The archives of one file of apt's sources, in either of its two formats. Source: sources.list(5). */
export function parseSources(fileName: string, text: string): Archive[] {
  return fileName.endsWith('.sources') ? text.split(/\n\s*\n/).flatMap(fromStanza) : text.split('\n').flatMap(fromLine);
}

function fromStanza(stanza: string): Archive[] {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of stanza.split('\n').filter((candidate) => !candidate.startsWith('#'))) {
    const field = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
    if (field) fields.set((last = field[1]!.toLowerCase()), field[2]!.trim());
    else if (/^\s/.test(line) && last) fields.set(last, `${fields.get(last)}\n ${line.trim()}`);
  }
  const words = (name: string): string[] => (fields.get(name) ?? '').split(/\s+/).filter(Boolean);
  if (!words('types').includes('deb') || fields.get('enabled')?.toLowerCase() === 'no') return [];
  const signedBy = fields.get('signed-by');
  return words('uris').map((uri) => ({
    uri,
    suites: words('suites'),
    components: words('components'),
    ...(signedBy !== undefined && { signedBy }),
  }));
}

function fromLine(line: string): Archive[] {
  const found = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
  if (!found) return [];
  const [, options = '', uri, suite, components] = found;
  const signedBy = /(?:^|\s)signed-by=(\S+)/.exec(options)?.[1];
  return [
    {
      uri: uri!,
      suites: [suite!],
      components: components!.trim().split(/\s+/),
      ...(signedBy !== undefined && { signedBy }),
    },
  ];
}
