import { SERVICE_NAMES } from '@schoolbell/contracts';
import { asyncApiDocument } from './asyncapi/document.ts';
import { configurationReference } from './configuration/reference.ts';
import { openApiDocument } from './openapi.ts';

/** A generated file, relative to the root of the repository. */
export interface GeneratedDocument {
  readonly path: string;
  readonly content: string;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Everything that is generated, from the code as it is now. */
export async function generateDocuments(): Promise<GeneratedDocument[]> {
  const openApi = await Promise.all(
    SERVICE_NAMES.map(async (service) => ({ path: `docs/openapi/${service}.json`, content: json(await openApiDocument(service)) })),
  );
  return [
    ...openApi,
    { path: 'docs/asyncapi.json', content: json(asyncApiDocument()) },
    { path: 'docs/configuration.md', content: await configurationReference() },
  ];
}
