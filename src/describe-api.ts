import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, getSchemaPath, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { API_NEEDS, ErrorView, type ApiNeed } from './common/index.js';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & { [API_NEEDS]?: ApiNeed };

/** `/docs` for people and `/openapi.json` for programs. */
export function describeApi(app: NestFastifyApplication): void {
  const description = new DocumentBuilder()
    .setTitle('ComfyUI Web Service')
    .setDescription('Accounts, a durable queue and a fleet scheduler in front of unmodified ComfyUI nodes.')
    .setVersion('0.1')
    .addBearerAuth()
    .addApiKey({ type: 'apiKey', name: 'x-api-key', in: 'header' }, 'api-key')
    .build();
  const document = SwaggerModule.createDocument(app, description, { extraModels: [ErrorView] });
  describeRefusals(document);
  SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'openapi.json' });
}

/** Here and not at each route: a guard and a pipe refuse alike wherever they stand, and so does the filter of errors. */
function describeRefusals({ paths }: OpenAPIObject): void {
  const operations = Object.values(paths).flatMap((path) => Object.values(path) as Operation[]);
  for (const operation of operations) {
    const { security = [], parameters = [], requestBody, [API_NEEDS]: need } = operation;
    const isRead = requestBody !== undefined || parameters.some((each) => 'in' in each && each.in === 'query');
    if (security.length > 0) add(operation, 401, 'Nobody is signed in, or not any more.');
    if (need) add(operation, 403, inWords(need));
    if (isRead) add(operation, 422, 'What was sent cannot be used; `errors` names the fields.');
    showBodies(operation);
  }
}

function inWords({ role, permission }: ApiNeed): string {
  const right = permission ? `the permission \`${permission}\`, which admins have from the role` : 'the role';
  return `\`ROLE_TOO_LOW\`: it needs ${right} \`${role}\`${permission ? ' on' : ' at least'}.`;
}

/** Beside what the route itself says of this status. */
function add({ responses }: Operation, status: number, description: string): void {
  const own = responses[status];
  if (!own) responses[status] = { description };
  // Anew: routes of one controller share what it declares for all of them.
  else if ('description' in own)
    responses[status] = { ...own, description: [own.description, description].filter(Boolean).join(' ') };
}

function showBodies({ responses }: Operation): void {
  for (const [status, response] of Object.entries(responses)) {
    if (Number(status) < 400 || !response || '$ref' in response) continue;
    const content = { 'application/json': { schema: { $ref: getSchemaPath(ErrorView) } } };
    responses[status] = { content, ...response };
  }
}
