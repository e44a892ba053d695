/** Settings that cannot be used: one readable sentence for each of them; stops the start. */
export class SettingsError extends Error {
  constructor(
    readonly problems: string[],
    options?: ErrorOptions,
  ) {
    super(`The settings are not usable:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`, options);
    this.name = 'SettingsError';
  }
}
