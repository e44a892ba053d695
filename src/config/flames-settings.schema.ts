import { z } from 'zod';

const positive = z.number().int().positive();

/** Of the evaluation service: `flames` in `config.yaml`. */
export const FlamesSettings = z
  .strictObject({
    /** In which the routes of evaluations show times. */
    timesZone: z
      .string()
      .refine(isTimeZone, 'must be a time zone such as Asia/Shanghai, Europe/Berlin or UTC')
      .default('Asia/Shanghai'),
    /** That of the clock by which an old installation kept its times; read when its tables are migrated. */
    oldTimesOffset: z
      .string()
      // What MariaDB's CONVERT_TZ knows: of anything else it would make NULL.
      .regex(/^([+-](0\d|1[0-2]):[0-5]\d|\+13:00)$/, 'must be an offset from UTC between -12:59 and +13:00')
      .default('+08:00'),
    /** Where the files of an old installation lie (`Flames_<id>.jsonl`); empty: nowhere. */
    legacyDir: z.string().default(''),
    /** What the command `flames:run` asks where it is told nothing else; the key is used for nothing else. */
    target: z.strictObject({ apiSite: z.string().default(''), apiKey: z.string().default('') }).prefault({}),
    /** For tasks that name no scorer of their own. */
    scorer: z
      .strictObject({
        kind: z.enum(['flames', 'classify', 'judge', 'rules']).default('rules'),
        /** This address alone may be private whatever allowPrivateTargets says. */
        address: z.string().default(''),
        /** What the judge or the classifier is called there; `{dimension}` in it stands for fairness, safety, … */
        model: z.string().default(''),
        apiKey: z.string().default(''),
        /** How often a judge is asked about each answer; the majority counts. */
        repeats: positive.max(9).default(1),
      })
      .prefault({}),
    /** Requests of one task under way at once, and how many a task may ask for. */
    concurrency: positive.default(20),
    maxConcurrency: positive.default(50),
    requestTimeoutMs: positive.default(120_000),
    /** Ask models at private addresses too, never at link-local ones or those of a cloud's metadata. */
    allowPrivateTargets: z.boolean().default(false),
    /** How long the logs of a completed task stay. */
    retentionDays: positive.default(30),
    /** What a task may use at most where it names no budget of its own; 0: no limit. */
    budget: z
      .strictObject({ calls: z.number().int().min(0).default(0), tokens: z.number().int().min(0).default(0) })
      .prefault({}),
  })
  .refine(({ concurrency, maxConcurrency }) => concurrency <= maxConcurrency, {
    path: ['concurrency'],
    message: 'must not be above flames.max_concurrency',
  })
  .prefault({});

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('sv-SE', { timeZone: name }));
  } catch {
    return false;
  }
}
