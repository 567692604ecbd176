// What Prisma's engine needs of a database, with one repair. The engine reads the catalog, where some columns have the
// type "char" (oid 18) that PrismaPg rejects: such a column passes as an array of characters and is named right again
// on the other side (https://github.com/prisma/orm/issues/27403).
import { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum, type SqlDriverAdapter, type SqlMigrationAwareDriverAdapterFactory, type SqlResultSet } from '@prisma/driver-adapter-utils';
import pg from 'pg';

const CHAR_OID = 18;
const CHAR_ARRAY_OID = 1002;

interface Result {
  readonly fields?: { dataTypeID: number }[];
}

function passAsArray<R extends Result>(result: R): R {
  for (const field of result?.fields ?? []) if (field.dataTypeID === CHAR_OID) field.dataTypeID = CHAR_ARRAY_OID;
  return result;
}

const nameAgain = (result: SqlResultSet): SqlResultSet => ({
  ...result,
  columnTypes: result.columnTypes.map((type) => (type === ColumnTypeEnum.CharacterArray ? ColumnTypeEnum.Character : type)),
});

type Callback = (error: Error, result: Result) => void;

class CatalogClient extends pg.Client {
  // The driver's own overloads say more than an override can repeat.
  override query(...args: unknown[]): never {
    const ask = super.query.bind(this) as (...all: unknown[]) => { then?: (next: typeof passAsArray) => unknown };
    const callback = args.at(-1);
    if (typeof callback === 'function') {
      const repaired: Callback = (error, result) => (callback as Callback)(error, passAsArray(result));
      return ask(...args.slice(0, -1), repaired) as never;
    }
    const answer = ask(...args);
    return (answer?.then ? answer.then(passAsArray) : answer) as never;
  }
}

/** A database that is only read: the engine compares it and changes nothing. */
export function catalogAdapter(url: string, schema: string): SqlMigrationAwareDriverAdapterFactory {
  const { hostname, port, username, password, pathname } = new URL(url);
  const config = {
    host: hostname,
    port: Number(port || 5432),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    options: `-c search_path=${schema}`,
    Client: CatalogClient,
  };
  const connect = async (): Promise<SqlDriverAdapter> => {
    const adapter = await new PrismaPg(config, { schema }).connect();
    const ask = adapter.queryRaw.bind(adapter);
    return Object.assign(adapter, { queryRaw: async (query: Parameters<typeof ask>[0]) => nameAgain(await ask(query)) });
  };
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect,
    connectToShadowDb: () => Promise.reject(new Error('nothing is compared through a shadow database')),
  };
}
