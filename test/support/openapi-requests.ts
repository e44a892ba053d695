import fc from 'fast-check';

/** What of an OpenAPI 3 document tells how to ask. */
export interface OpenApiDocument {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}

export interface Operation {
  parameters?: { name: string; in: 'path' | 'query' | 'header'; required?: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  security?: unknown[];
}

interface Schema {
  $ref?: string;
  allOf?: Schema[];
  oneOf?: Schema[];
  type?: string;
  format?: string;
  enum?: unknown[];
  nullable?: boolean;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  example?: unknown;
}

export interface FuzzedRequest {
  isValid: boolean;
  path: string;
  body: string | FormData | undefined;
  headers: Record<string, string>;
}

/** Values that servers have stumbled over. */
const junk = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    '\u0000',
    '../../etc/passwd',
    '%00',
    "' OR 1=1 --",
    '𝒳'.repeat(3_000),
    -1,
    1e308,
  ),
  fc.constantFrom<unknown>(true, [], {}, [[[[]]]], { $gt: '' }, { __proto__: null, constructor: 1 }, '9'.repeat(400)),
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.jsonValue({ maxDepth: 3 }),
);

/** Requests to one route: those that follow its description, and those in which something does not. */
export class OpenApiRequests {
  constructor(
    private readonly document: OpenApiDocument,
    /** Ids and names that exist, by the parameter's or field's name. */
    private readonly known: Record<string, string[]>,
  ) {}

  arbitrary(path: string, operation: Operation): fc.Arbitrary<FuzzedRequest> {
    return fc.oneof(
      { weight: 2, arbitrary: this.request(path, operation, true) },
      { weight: 3, arbitrary: this.request(path, operation, false) },
    );
  }

  private request(path: string, operation: Operation, isValid: boolean): fc.Arbitrary<FuzzedRequest> {
    const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in !== 'header');
    const values = fc.record(
      Object.fromEntries(parameters.map(({ name, schema }) => [name, this.value(name, schema, isValid)])),
    );
    return fc.tuple(values, this.body(operation, isValid)).map(([given, body]) => {
      const query = new URLSearchParams();
      let address = path;
      for (const parameter of parameters) {
        const value = given[parameter.name];
        const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
        if (parameter.in === 'path')
          address = address.replace(`{${parameter.name}}`, encodeURIComponent(wellFormed(text)));
        else if (value !== undefined) query.set(parameter.name, text);
      }
      return { isValid, path: query.size > 0 ? `${address}?${query}` : address, ...body };
    });
  }

  private body({ requestBody }: Operation, isValid: boolean): fc.Arbitrary<Pick<FuzzedRequest, 'body' | 'headers'>> {
    const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
    if (!type || !content) return fc.constant({ body: undefined, headers: {} });
    const value = this.value('', content.schema, isValid);
    if (type.startsWith('multipart')) return value.map((fields) => ({ body: toForm(fields), headers: {} }));
    const json = value.map((fields) => ({
      body: JSON.stringify(fields) ?? '',
      headers: { 'content-type': 'application/json' },
    }));
    if (isValid) return json;
    const types = fc.constantFrom(
      'application/json',
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'x',
    );
    const torn = fc.record({
      body: fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.json()),
      headers: types.map((name) => ({ 'content-type': name })),
    });
    return fc.oneof({ weight: 4, arbitrary: json }, { weight: 1, arbitrary: torn });
  }

  private value(name: string, described: Schema, isValid: boolean): fc.Arbitrary<unknown> {
    const valid = this.valid(name, described);
    // One field in four is wrong, so that requests get past the first check.
    return isValid
      ? valid
      : fc.oneof({ weight: 3, arbitrary: this.nested(described, valid) }, { weight: 1, arbitrary: junk });
  }

  /** The fields of an object may each be wrong or missing. */
  private nested(described: Schema, valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
    const { properties } = this.resolve(described);
    if (!properties) return valid;
    const fields = Object.entries(properties).map(([name, schema]) => [name, this.value(name, schema, false)] as const);
    return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
  }

  private valid(name: string, described: Schema): fc.Arbitrary<unknown> {
    const schema = this.resolve(described);
    const known = this.known[name];
    if (known) return fc.constantFrom(...known);
    if (schema.enum) return fc.constantFrom(...schema.enum);
    if (schema.properties) {
      const fields = Object.entries(schema.properties).map(
        ([field, inner]) => [field, this.valid(field, inner)] as const,
      );
      return fc.record(Object.fromEntries(fields), { requiredKeys: schema.required ?? [] });
    }
    return schema.example === undefined ? ofType(schema) : fc.constant(schema.example);
  }

  private resolve(schema: Schema): Schema {
    const first = schema.allOf?.[0] ?? schema.oneOf?.[0];
    if (first) return this.resolve(first);
    return schema.$ref ? this.resolve(this.document.components.schemas[schema.$ref.split('/').at(-1)!]!) : schema;
  }
}

function ofType({ type, minimum, maximum, multipleOf = 1, minLength, maxLength }: Schema): fc.Arbitrary<unknown> {
  switch (type) {
    case 'integer':
      return fc
        .integer({
          min: Math.ceil((minimum ?? 0) / multipleOf),
          max: Math.floor(Math.min(maximum ?? 1_000, 2 ** 31) / multipleOf),
        })
        .map((steps) => steps * multipleOf);
    case 'number':
      return fc.double({ min: minimum ?? 0, max: maximum ?? 1_000, noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'array':
      return fc.constant([]);
    case 'object':
      return fc.constant({});
    default:
      return fc.string({
        unit: 'grapheme',
        minLength: Math.max(1, minLength ?? 1),
        maxLength: Math.min(maxLength ?? 40, 40),
      });
  }
}

function toForm(fields: unknown): FormData {
  const form = new FormData();
  const entries = typeof fields === 'object' && fields !== null ? Object.entries(fields) : [['file', fields]];
  for (const [name, value] of entries as [string, unknown][]) {
    if (name === 'file') form.set(name, new Blob([JSON.stringify(value) ?? '']), 'a.png');
    else form.set(name, typeof value === 'string' ? wellFormed(value) : (JSON.stringify(value) ?? ''));
  }
  return form;
}

/** Half a surrogate pair has no UTF-8. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}
