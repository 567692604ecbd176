import { writeFile } from 'node:fs/promises';
import { ConfigurationFile, SCOPES } from '@schoolbell/contracts';
import type { z } from 'zod';

type Input = z.input<typeof ConfigurationFile>;
type Part<Key extends 'sources' | 'destinations' | 'organizations'> = NonNullable<Input[Key]>[number];

const secret = (text: string): string => `whsec_${Buffer.alloc(32, text).toString('base64')}`;

/** Names and secrets of the test configuration; none is used anywhere else. */
export const TEST_ORGANIZATION = 'acme';
export const TEST_SOURCE = 'platform';
export const TEST_DESTINATION = 'acme-lms';
export const TEST_WEBHOOK_SECRET: string = secret('what the platform signs with');
export const TEST_DESTINATION_SECRET: string = secret('what the summaries are signed with');
/** May do everything. */
export const TEST_TOKEN = 'token-of-the-tests-0123456789';

const ENVIRONMENT = {
  TEST_WEBHOOK_SECRET,
  TEST_DESTINATION_SECRET,
  TEST_TOKEN,
  TEST_QUARANTINE_KEY: Buffer.alloc(32, 'quarantine').toString('base64'),
};

export interface TestConfigurationOptions {
  /** Where the destination is: the `url` of a receiver. */
  readonly receiverUrl?: string;
  readonly organization?: Partial<Part<'organizations'>>;
  readonly source?: Partial<Part<'sources'>>;
  readonly destination?: Partial<Part<'destinations'>>;
  /** Over whole parts of the file. */
  readonly overrides?: Input;
}

export interface TestConfiguration {
  readonly file: ConfigurationFile;
  /** The environment that holds the secrets the file names. */
  readonly env: Readonly<Record<string, string>>;
  /** Write the file, for a service to be started with. */
  write(path: string): Promise<void>;
}

/** A valid configuration: one organization, one source, one destination, one token with every scope. */
export function testConfiguration(options: TestConfigurationOptions = {}): TestConfiguration {
  const { receiverUrl = 'http://127.0.0.1:9/unused', organization, source, destination, overrides } = options;
  const input: Input = {
    organizations: [{ id: TEST_ORGANIZATION, ...organization }],
    sources: [
      {
        id: TEST_SOURCE,
        organizations: [TEST_ORGANIZATION],
        authentication: { scheme: 'standard-webhooks', secrets: [{ env: 'TEST_WEBHOOK_SECRET' }] },
        ...source,
      },
    ],
    destinations: [
      {
        id: TEST_DESTINATION,
        organizationId: TEST_ORGANIZATION,
        url: receiverUrl,
        secrets: [{ env: 'TEST_DESTINATION_SECRET' }],
        allowPrivateNetwork: true,
        ratePerSecond: 10_000,
        concurrency: 32,
        ...destination,
      },
    ],
    tokens: [{ name: 'tests', secret: { env: 'TEST_TOKEN' }, scopes: [...SCOPES] }],
    quarantineKey: { env: 'TEST_QUARANTINE_KEY' },
    ...overrides,
  };
  const file = ConfigurationFile.parse(input);
  return { file, env: ENVIRONMENT, write: (path) => writeFile(path, JSON.stringify(file)) };
}
