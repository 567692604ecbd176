import { describe, expect, it } from 'vitest';
import { parseSources } from './archives.ts';
import { planCandidates } from './plan.ts';

const DEBIAN_12 = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian\n';
const UBUNTU_24 = 'PRETTY_NAME="Ubuntu 24.04.3 LTS"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=noble\n';
const MINT_22 = 'ID=linuxmint\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=wilma\nUBUNTU_CODENAME=noble\n';

const DEBIAN_SOURCES = `Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
`;
const UBUNTU_SOURCES = `Types: deb deb-src
Enabled: yes
URIs: http://de.archive.example/ubuntu/
Suites: noble noble-updates noble-backports
Components: main restricted universe multiverse
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg
`;

describe('parseSources', () => {
  it('reads stanzas', () => {
    expect(parseSources('debian.sources', DEBIAN_SOURCES)).toEqual([
      {
        uri: 'http://mirror.example/debian',
        suites: ['bookworm', 'bookworm-updates'],
        components: ['main'],
        signedBy: '/usr/share/keyrings/debian-archive-keyring.gpg',
      },
      { uri: 'http://mirror.example/debian-security', suites: ['bookworm-security'], components: ['main'] },
    ]);
  });
  it('keeps a key that stands in the stanza itself, and leaves out what is switched off or only sources', () => {
    const key = 'Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n';
    const [archive, ...rest] = parseSources(
      'x.sources',
      `Types: deb\nURIs: https://a.example\nSuites: sid\nComponents: main\n${key}\nTypes: deb-src\nURIs: https://b.example\nSuites: sid\n\nTypes: deb\nEnabled: no\nURIs: https://c.example\nSuites: sid\nComponents: main\n`,
    );
    expect(archive?.signedBy).toBe('\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc');
    expect(rest).toEqual([]);
  });
  it('reads lines', () => {
    expect(
      parseSources('sources.list', '# deb http://old x main\ndeb [arch=amd64 signed-by=/k.gpg] http://m.example/debian trixie main contrib # here\ndeb-src http://m.example/debian trixie main\n'),
    ).toEqual([{ uri: 'http://m.example/debian', suites: ['trixie'], components: ['main', 'contrib'], signedBy: '/k.gpg' }]);
  });
});

describe('planCandidates', () => {
  it('takes newer suites from the archive that the system itself uses', () => {
    const plan = planCandidates(DEBIAN_12, parseSources('debian.sources', DEBIAN_SOURCES));
    expect(plan.map(({ suite }) => suite)).toEqual(['trixie', 'sid']);
    expect(plan[0]?.source).toBe(
      'Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n',
    );
  });
  it.each([UBUNTU_24, MINT_22])('takes universe of a newer Ubuntu', (release) => {
    const plan = planCandidates(release, parseSources('ubuntu.sources', UBUNTU_SOURCES));
    expect(plan.map(({ suite }) => suite)).toEqual(['resolute', 'devel']);
    expect(plan[0]?.source).toContain('URIs: http://de.archive.example/ubuntu/\nSuites: resolute\nComponents: universe\n');
  });
  it('plans nothing on other systems, or without an archive', () => {
    expect(planCandidates('ID=fedora\n', parseSources('debian.sources', DEBIAN_SOURCES))).toEqual([]);
    expect(planCandidates(DEBIAN_12, parseSources('sources.list', 'deb cdrom:[Debian]/ bookworm main\n'))).toEqual([]);
  });
});
