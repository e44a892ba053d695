import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiForbiddenResponse, ApiSecurity } from '@nestjs/swagger';

/** Everything that an API key can be allowed, and what it means. A sign-in by password may do all of it. */
export const SCOPES = {
  'tasks:read': 'List tasks, follow them and fetch their files.',
  'tasks:write': 'Submit, reload and cancel tasks.',
  'files:read': 'List and fetch uploads and files.',
  'files:write': 'Upload and delete files.',
  'workflows:read': 'See workflows, limits and formats.',
  'account:read': 'See the profile and the quota.',
} as const;

export type Scope = keyof typeof SCOPES;
export const SCOPE_NAMES = Object.keys(SCOPES) as Scope[];

export const NEEDED_SCOPE = 'needed scope';

/**
 * What an API key must be allowed for a route, or for all routes of a controller; what stands at the route wins.
 * A route without it is for sign-ins by password alone: a forgotten decorator shuts a door instead of opening one.
 */
export const NeedsScope = (scope: Scope) =>
  applyDecorators(
    SetMetadata(NEEDED_SCOPE, scope),
    ApiBearerAuth(),
    ApiSecurity('api-key'),
    ApiForbiddenResponse({ description: `By an API key: it lacks the scope \`${scope}\` (\`SCOPE_MISSING\`).` }),
  );
