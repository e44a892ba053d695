/** The four databases, by the module that owns each. */
export const DATABASE_NAMES = ['client', 'admin', 'shared', 'flames'] as const;

export type DatabaseName = (typeof DATABASE_NAMES)[number];
