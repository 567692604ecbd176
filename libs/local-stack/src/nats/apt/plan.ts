import type { Archive } from './archives.ts';

/** One place to try: an archive of this system, in a newer suite than the system's own. */
export interface Candidate {
  readonly suite: string;
  /** In the format of a `.sources` file. */
  readonly source: string;
}

interface Family {
  readonly ids: readonly string[];
  readonly component: string;
  /** Suites with a server that is new enough, the most settled first. */
  readonly suites: readonly string[];
  /** Names under which a system of the family may follow the archive besides its own codename. */
  readonly rolling: readonly string[];
}

/**
 * Debian 13 has 2.10.27 and sid a later one; Ubuntu keeps the server in universe, new enough from 26.04 on. Both are
 * static enough to run on the releases before; whoever downloads one tries it before it is used.
 */
const FAMILIES: readonly Family[] = [
  { ids: ['ubuntu'], component: 'universe', suites: ['resolute', 'devel'], rolling: ['devel'] },
  { ids: ['debian'], component: 'main', suites: ['trixie', 'sid'], rolling: ['stable', 'testing', 'unstable', 'sid'] },
];

/** The suites to try on a system, from its os-release and its own archives; empty when it is of neither family. */
export function planCandidates(osRelease: string, archives: readonly Archive[]): Candidate[] {
  const field = (name: string): string => new RegExp(`^${name}="?([^"\\n]*)"?$`, 'm').exec(osRelease)?.[1] ?? '';
  const ids = [field('ID'), ...field('ID_LIKE').split(' ')];
  const family = FAMILIES.find((candidate) => candidate.ids.some((id) => ids.includes(id)));
  if (family === undefined) return [];
  const own = [field('UBUNTU_CODENAME'), field('VERSION_CODENAME'), ...family.rolling];
  const archive = archives.find(
    ({ uri, suites, components }) =>
      /^https?:|^mirror/.test(uri) && components.includes('main') && suites.some((suite) => own.includes(suite)),
  );
  if (archive === undefined) return [];
  return family.suites.map((suite) => ({
    suite,
    source: [
      'Types: deb',
      `URIs: ${archive.uri}`,
      `Suites: ${suite}`,
      `Components: ${family.component}`,
      ...(archive.signedBy === undefined ? [] : [`Signed-By: ${archive.signedBy}`]),
      '',
    ].join('\n'),
  }));
}
