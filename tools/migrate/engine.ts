// Prisma's schema engine as WebAssembly: the native one is a download that not every machine can make.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { bindMigrationAwareSqlAdapterFactory, type SqlDriverAdapter, type SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import * as bindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import type { DiffParams, DiffResult } from '@prisma/schema-engine-wasm/schema_engine_bg';

export interface SchemaFile {
  readonly path: string;
  readonly content: string;
}

interface Engine {
  diff(params: DiffParams): Promise<DiffResult>;
}

/** Typed by the DOM library only, which this repository leaves out. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: { instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: Record<string, unknown> } }> };
};
let loaded: Promise<void> | undefined;

async function load(): Promise<void> {
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm');
  const bytes = readFileSync(entry.replace(/schema_engine\.js$/, 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': bindings });
  bindings.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  // The engine reports a crash of its own through this name.
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => console.error('engine:', message) } });
}

/** What would have to be done to a database for it to be what the schema file says; undefined when nothing. */
export async function differences(options: {
  adapter: SqlMigrationAwareDriverAdapterFactory;
  file: SchemaFile;
  /** Tables the schema file says nothing about. */
  externalTables: readonly string[];
  as: 'sql' | 'text';
}): Promise<string | undefined> {
  await (loaded ??= load());
  const { adapter, file, externalTables, as } = options;
  // The engine opens connections and leaves them to whoever made the adapter.
  const opened: SqlDriverAdapter[] = [];
  const connect = async (): Promise<SqlDriverAdapter> => {
    const connection = await adapter.connect();
    opened.push(connection);
    return connection;
  };
  const engine = (await bindings.SchemaEngine.new(
    { datamodels: [[file.path, file.content]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory({ ...adapter, connect }),
  )) as unknown as Engine;
  try {
    return await diff(engine, file, externalTables, as);
  } finally {
    await Promise.all(opened.map((connection) => connection.dispose()));
  }
}

async function diff(engine: Engine, file: SchemaFile, externalTables: readonly string[], as: 'sql' | 'text'): Promise<string | undefined> {
  const { exitCode, stdout } = await engine.diff({
    from: { tag: 'schemaDatasource', files: [file], configDir: '.' },
    to: { tag: 'schemaDatamodel', files: [file] },
    script: as === 'sql',
    exitCode: true,
    shadowDatabaseUrl: null,
    filters: { externalTables: [...externalTables], externalEnums: [] },
  } as DiffParams);
  return exitCode === 0 ? undefined : (stdout ?? '').trim();
}
