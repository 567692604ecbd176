import { parseSecret, type SigningKey } from '@schoolbell/standard-webhooks';
import {
  compileTransform,
  jsonPointer,
  resolveTokens,
  type Attempt,
  type Configuration,
  type ResolvedToken,
  type SecretStore,
  type Transform,
} from '@schoolbell/service-kit';

type DestinationConfig = Configuration['destinations'][number];

/** What Schoolbell sets itself; an own header of that name would break the request or the signature. */
const RESERVED_HEADERS = new Set([
  'host',
  'connection',
  'content-length',
  'content-type',
  'expect',
  'keep-alive',
  'schoolbell-revision',
  'schoolbell-test',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'webhook-id',
  'webhook-signature',
  'webhook-timestamp',
]);
// Field values of RFC 9110, without what a proxy could mistake for a new line.
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]+$/;

/** A destination of the configuration, ready to send to: secrets decoded, headers resolved, transform compiled. */
export interface Destination extends DestinationConfig {
  readonly keys: readonly SigningKey[];
  /** Names and values in turn. */
  readonly ownHeaders: readonly string[];
  readonly compiled: Transform | undefined;
}

/** The configuration as delivery uses it. */
export interface DeliveryConfiguration {
  readonly destinations: ReadonlyMap<string, Destination>;
  /** Destinations by organization and kind of message. */
  readonly wanting: (organizationId: string, kind: 'summary' | 'rating') => readonly Destination[];
  readonly tokens: readonly ResolvedToken[];
}

/** For `watchConfiguration`: every problem is found before anything is used. */
export function prepareDelivery(configuration: Configuration, attempt: Attempt, secrets: SecretStore): DeliveryConfiguration {
  const list = configuration.destinations.map((config, index) => compileDestination(config, ['destinations', index], secrets, attempt));
  const index = new Map<string, Destination[]>();
  for (const destination of list) {
    for (const kind of destination.events) {
      const key = `${kind}\n${destination.organizationId}`;
      const others = index.get(key);
      if (others === undefined) index.set(key, [destination]);
      else others.push(destination);
    }
  }
  return {
    destinations: new Map(list.map((destination) => [destination.id, destination])),
    wanting: (organizationId, kind) => index.get(`${kind}\n${organizationId}`) ?? [],
    tokens: resolveTokens(configuration, secrets, attempt),
  };
}

function compileDestination(config: DestinationConfig, path: readonly (string | number)[], secrets: SecretStore, attempt: Attempt): Destination {
  const keys = config.secrets.map((reference, n) => attempt(jsonPointer([...path, 'secrets', n]), () => parseSecret(secrets.resolve(reference))));
  const ownHeaders = Object.entries(config.headers).map(([name, reference]) =>
    attempt(jsonPointer([...path, 'headers', name]), () => {
      if (RESERVED_HEADERS.has(name.toLowerCase())) throw new RangeError(`"${name}" is set by Schoolbell itself`);
      const value = secrets.resolve(reference);
      if (!HEADER_VALUE.test(value)) throw new RangeError('the secret has characters that cannot stand in a header');
      return [name, value];
    }),
  );
  const { transform } = config;
  return {
    ...config,
    keys: keys.filter((key) => key !== undefined),
    ownHeaders: ownHeaders.flatMap((pair) => pair ?? []),
    compiled: transform === undefined ? undefined : attempt(jsonPointer([...path, 'transform']), () => compileTransform(transform)),
  };
}
