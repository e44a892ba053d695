/** A command did its work and has bad news: one line on stderr, exit code 1. */
export class CommandFailedError extends Error {}
