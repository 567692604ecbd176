import type { NatsSource, Place, ServerHandle } from '@schoolbell/local-stack';

export interface PostgresOptions {
  /** By the names of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Where the real servers of tests come from. A server keeps its address and its data over kill, stop and restart; the
 * end of the run removes both. `describeProvider` says this as tests.
 */
export interface ServerProvider {
  readonly name: ProviderChoice['kind'];
  /** JetStream on, its files in a folder that a test may delete. */
  startNats(): Promise<ServerHandle>;
  /** Durability on; `url` is that of the superuser. */
  startPostgres(options?: PostgresOptions): Promise<ServerHandle>;
}

/** What the global setup found out once, in a form that can be handed to the workers. */
export type ProviderChoice = ProcessChoice | ContainerChoice;

export interface ProcessChoice {
  readonly kind: 'processes';
  readonly nats: Exclude<NatsSource, { kind: 'url' }>;
  readonly place: Place;
  /** Stores and logs of this run. */
  readonly directory: string;
  /** Names what this run makes below the place of Postgres. */
  readonly run: string;
}

export interface ContainerChoice {
  readonly kind: 'containers';
  readonly engine: string;
  readonly natsImage: string;
  readonly postgresImage: string;
  readonly directory: string;
  /** Label of the containers of this run. */
  readonly run: string;
}
