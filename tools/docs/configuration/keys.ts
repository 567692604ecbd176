/** The part of JSON Schema that Zod writes for a configuration. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
}

type Row = readonly [key: string, type: string, fallback: string, meaning: string];

const SECRET_KEYS = 'env,file';

/** One row per key of a configuration, depth first. */
export function keyRows(schema: JsonSchema, path = ''): Row[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([name, part]) => {
    const key = path === '' ? name : `${path}.${name}`;
    return [row(key, part, required.has(name)), ...below(key, part)];
  });
}

function row(key: string, part: JsonSchema, required: boolean): Row {
  const fallback = part.default === undefined ? (required ? 'required' : 'none') : `\`${JSON.stringify(part.default)}\``;
  return [`\`${key}\``, typeName(part), fallback, part.description ?? ''];
}

function below(key: string, part: JsonSchema): Row[] {
  if (isSecret(part)) return [];
  if (part.items) return below(`${key}[]`, part.items);
  if (part.properties) return keyRows(part, key);
  if (typeof part.additionalProperties === 'object') return below(`${key}.<name>`, part.additionalProperties);
  return unionRows(alternatives(part), key);
}

/** The keys of all shapes of a union, once each; a key that only some shapes have says which. */
function unionRows(branches: readonly JsonSchema[], path: string): Row[] {
  const byKey = new Map<string, { rows: Row[]; shapes: string[] }>();
  for (const branch of branches) {
    for (const row of keyRows(branch, path)) {
      const entry = byKey.get(row[0]) ?? { rows: [], shapes: [] };
      byKey.set(row[0], { rows: [...entry.rows, row], shapes: [...entry.shapes, shapeName(branch)] });
    }
  }
  return [...byKey.values()].map(({ rows, shapes }) => {
    const [key, , fallback, meaning] = rows[0]!;
    const type = [...new Set(rows.map((row) => row[1]))].join(', ');
    const only = shapes.length === branches.length || shapes.includes('') ? '' : `Only with ${shapes.join(' or ')}`;
    return [key, type, fallback, [only, meaning].filter(Boolean).join('. ')];
  });
}

/** The constant by which a shape is told from the others. */
function shapeName({ properties = {} }: JsonSchema): string {
  const constant = Object.values(properties).find((part) => part.const !== undefined);
  return constant === undefined ? '' : `\`${JSON.stringify(constant.const)}\``;
}

function typeName(part: JsonSchema): string {
  if (isSecret(part)) return 'secret reference';
  if (part.const !== undefined) return `\`${JSON.stringify(part.const)}\``;
  if (part.enum) return part.enum.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  if (part.items) return `list of ${typeName(part.items)}`;
  const union = alternatives(part);
  if (union.length > 0) return [...new Set(union.map(typeName))].join(' or ');
  if (typeof part.additionalProperties === 'object') return `object of ${typeName(part.additionalProperties)}`;
  return `${part.type ?? 'any'}${range(part)}`;
}

function range({ minimum, maximum, type }: JsonSchema): string {
  const bounded = (type === 'integer' || type === 'number') && minimum !== undefined && maximum !== undefined;
  return bounded && maximum < Number.MAX_SAFE_INTEGER ? ` ${minimum} to ${maximum}` : '';
}

const alternatives = (part: JsonSchema): readonly JsonSchema[] => part.anyOf ?? part.oneOf ?? [];

function isSecret(part: JsonSchema): boolean {
  return alternatives(part).flatMap((branch) => Object.keys(branch.properties ?? {})).join() === SECRET_KEYS;
}
