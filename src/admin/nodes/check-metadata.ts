import { InvalidInputError } from '../../common/index.js';

const LONGEST_METADATA = 8_192;

/** Numbers and words about the node; anything deeper would be somebody's store. Throws 422. */
export function checkMetadata(metadata: Record<string, unknown>): void {
  const problems = Object.entries(metadata)
    .filter(([, value]) => typeof value === 'object' && value !== null)
    .map(([name]) => `metadata.${name} must be a text, a number, true, false or null.`);
  if (JSON.stringify(metadata).length > LONGEST_METADATA) {
    problems.push(`metadata may hold ${LONGEST_METADATA} characters as JSON.`);
  }
  if (problems.length > 0) throw new InvalidInputError(problems.map((message) => ({ field: 'metadata', message })));
}
