import { z } from 'zod';
import { FlamesSettings } from './flames-settings.schema.js';
import type { TaskTypes } from './task-types.schema.js';

/**
 * Every setting on one page (those of evaluations on the next): name, type, default, unit. Keys are written in snake_case in `config.yaml`
 * (`mysql.client.socket_path`) and in upper case in the environment (`MYSQL_CLIENT_SOCKET_PATH`).
 */

const port = z.number().int().min(0).max(65535);
const positive = z.number().int().positive();
const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info');

const database = (name: string, username: string, poolSize: number, maxIdle: number) =>
  z
    .strictObject({
      host: z.string().default(''),
      port: port.default(3306),
      socketPath: z.string().default(''),
      database: z.string().min(1).default(name),
      username: z.string().min(1).default(username),
      password: z.string().default(''),
      /** Connections at most, and how many of them may stay open while idle. */
      poolSize: positive.default(poolSize),
      maxIdle: positive.default(maxIdle),
      tls: z.boolean().default(false),
    })
    .prefault({});

export const ROLES = ['api', 'dispatch', 'sync', 'jobs'] as const;

export const SettingsSchema = z.strictObject({
  server: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: port.default(8000),
      /** Where browsers reach the service; empty: derived from host and port. */
      publicUrl: z.string().default(''),
      corsOrigins: z
        .array(z.string())
        .default([
          'http://localhost:5173',
          'http://127.0.0.1:5173',
          'http://localhost:5174',
          'http://127.0.0.1:5174',
          'http://localhost:8000',
        ]),
      /** Believe X-Forwarded-For: only behind a proxy of your own. */
      trustProxy: z.boolean().default(false),
      /** How long a process that is to stop goes on while `/api/health/ready` says no, so that load balancers notice. */
      drainMs: z.number().int().min(0).default(0),
      roles: z
        .array(z.enum(ROLES))
        .min(1)
        .default([...ROLES]),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: logLevel,
      /** From which level on lines are rows of `system_logs` too. */
      databaseLevel: logLevel,
      pretty: z.boolean().default(false),
    })
    .prefault({}),
  mysql: z
    .strictObject({
      /** `mysql` against a MariaDB server sees false drift, so the kind of server is a setting. */
      serverType: z.enum(['mariadb', 'mysql']).default('mariadb'),
      client: database('comfyui_client', 'comfyui_client_user', 20, 10),
      admin: database('comfyui_admin', 'comfyui_admin_user', 10, 5),
      shared: database('comfyui_shared', 'comfyui_shared_user', 30, 15),
      flames: database('redteam-dra', 'flames_user', 10, 5),
      migration: z
        .strictObject({ username: z.string().default('comfyui_migrator'), password: z.string().default('') })
        .prefault({}),
      /** Makes and drops the partitions of log tables, and nothing else. */
      maintenance: z
        .strictObject({ username: z.string().default('comfyui_maintainer'), password: z.string().default('') })
        .prefault({}),
    })
    .prefault({}),
  nodes: z
    .strictObject({
      /** Base addresses of ComfyUI nodes that are registered at start; more by `cli nodes:add`. */
      register: z.array(z.url({ protocol: /^https?$/ })).default([]),
      /** How many simulated nodes `npm start` runs where no node is configured. */
      simulated: z.number().int().min(0).max(32).default(2),
      /** Nodes before 0.3.57 have no targeted interrupt: a cancel there kills whatever runs (I13). */
      allowGlobalInterrupt: z.boolean().default(false),
      requestTimeoutMs: positive.default(10_000),
      postTimeoutMs: positive.default(30_000),
      pollMs: positive.default(5_000),
      fastPollMs: positive.default(1_000),
      healthMs: positive.default(10_000),
      /** A running prompt of which nothing is heard for so long has the node's event stream opened anew. */
      deafAfterMs: positive.default(30_000),
      /** A node that nobody could reach for so long has its prompts settled as `node_lost`. */
      lostAfterMs: positive.default(30_000),
      /** A node's file that is longer is not fetched. */
      maxOutputBytes: positive.default(2 * 1024 ** 3),
      /** So many failures of its own within the window take a node, or one workflow there, out of placement. */
      breakerFailures: positive.default(3),
      breakerWindowMs: positive.default(300_000),
      /** Until a test picture is tried there; doubled each time that it fails, up to the longest. */
      breakerPauseMs: positive.default(30_000),
      breakerLongestPauseMs: positive.default(1_800_000),
    })
    .prefault({}),
  dispatch: z
    .strictObject({
      leaseTtlMs: positive.default(10_000),
      leaseRenewMs: positive.default(3_000),
      sweepMs: positive.default(1_000),
      /** How a node is chosen among those that could take a task. */
      strategy: z.enum(['least_loaded', 'round_robin', 'weighted', 'random', 'priority_based']).default('least_loaded'),
      /** So many seconds of waiting count as one priority, while nothing of the user's runs in the task's stead. */
      ageingSeconds: z.number().positive().default(300),
      /** A node that has the task's models loaded is preferred up to so much more work than the best, in prompts. */
      affinityLoad: z.number().min(0).default(0.25),
      /** And so many times on end. */
      affinityStreak: z.number().int().min(0).default(8),
      /** What becomes of a task that no registered node could ever run. */
      impossibleTasks: z.enum(['wait', 'fail']).default('wait'),
      maxAttempts: positive.default(5),
      retryBaseMs: positive.default(1_000),
      /** The longest pause before another attempt. */
      retryCapMs: positive.default(60_000),
      /** How long a prompt may run: of a workflow that has not run twenty times yet, and at least, of one that has. */
      firstRunLimitSeconds: z.number().positive().default(3_600),
      runLimitFloorSeconds: z.number().positive().default(1_800),
      /** How long a running prompt may tell nothing, at least. */
      silentSeconds: z.number().positive().default(300),
      /** What a node does not let go of for so long after it was told to shows a stuck worker. */
      stuckGraceMs: positive.default(30_000),
      /** A cancelled task whose node does not let go of it is settled after this time (I4). */
      cancelGraceMs: positive.default(60_000),
    })
    .refine(({ leaseTtlMs, leaseRenewMs }) => leaseTtlMs >= 2 * leaseRenewMs, {
      path: ['leaseTtlMs'],
      message: 'must be at least twice dispatch.lease_renew_ms, or leases are lost between two renewals',
    })
    .prefault({}),
  sync: z
    .strictObject({
      batchSize: positive.max(5_000).default(500),
      sweepMs: positive.default(250),
      /** How long events stay after they were applied on the other side (I7). */
      keepPublishedDays: z.number().positive().default(7),
    })
    .prefault({}),
  auth: z
    .strictObject({
      accessTokenHours: z.number().positive().default(12),
      /** Wrong passwords for one name or from one address before sign-in is refused for `lockMinutes`. */
      loginAttempts: positive.default(10),
      lockMinutes: z.number().positive().default(5),
      defaultQuota: z.number().int().min(0).default(50),
      /** Each use of a refresh token gives a new one that holds so long; the sign-in ends with the last. */
      refreshTokenDays: z.number().positive().default(30),
      /** Whether anybody may make an account of the client page. */
      registration: z.enum(['closed', 'open']).default('closed'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      /** Requests a minute, counted by each process for itself. */
      requestsPerUser: positive.default(6_000),
      requestsPerAddress: positive.default(20_000),
      /** Tasks of one user that may wait, and that may run at once. */
      queuedPerUser: positive.default(500),
      runningPerUser: positive.default(20),
      /** Waiting tasks of all users, above which new ones are refused. */
      queue: positive.default(100_000),
    })
    .prefault({}),
  storage: z
    .strictObject({
      /** Empty: `storage` in dataDir. */
      directory: z.string().default(''),
      /** How long a blob is safe from the sweep after it was pinned by a harvest (I19). */
      pinMinutes: z.number().positive().default(60),
      /** How long bytes stay after the last reference to them went. */
      keepUnreferencedHours: z.number().min(0).default(24),
    })
    .prefault({}),
  live: z
    .strictObject({
      heartbeatMs: positive.default(15_000),
      /** How often rows are looked at for changes that another process made; one's own are seen at once. */
      pollMs: positive.default(1_000),
      /** A reader that has so much unread is dropped. */
      maxBufferedBytes: positive.default(262_144),
      maxStreamsPerUser: positive.default(20),
    })
    .prefault({}),
  webhooks: z
    .strictObject({
      /** Send to private, local and other special addresses too: only where every user is trusted with your network. */
      allowPrivate: z.boolean().default(false),
      timeoutMs: positive.default(10_000),
      sweepMs: positive.default(1_000),
      /** Pauses between two tries, each longer or shorter by up to a fifth; after the last one comes one more try. */
      retrySeconds: z
        .array(z.coerce.number().positive())
        .min(1)
        .max(50)
        .default([5, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800]),
    })
    .prefault({}),
  flames: FlamesSettings,
  uploads: z
    .strictObject({
      /** Width × height of a picture; a small file may unpack to gigabytes. */
      maxPixels: positive.default(50_000_000),
    })
    .prefault({}),
  /** How long rows stay, unless something else still needs them. */
  retention: z
    .strictObject({
      /** Users' finished tasks, with their files, and uploads that no task needs any more; 0: for ever. */
      clientDataDays: z.number().min(0).default(30),
      /** Uploads that no task ever used. */
      temporaryHours: z.number().positive().default(24),
      /** Rows of the system log, by level. */
      logDays: z
        .strictObject({
          debug: positive.default(7),
          info: positive.default(30),
          warning: positive.default(60),
          error: positive.default(90),
          critical: positive.default(90),
        })
        .prefault({}),
      accessLogDays: positive.default(30),
      metricDays: positive.default(30),
      jobRunDays: positive.default(30),
      auditDays: positive.default(365),
    })
    .prefault({}),
  metrics: z
    .strictObject({
      /** A listener of its own for `/metrics`, on server.host; 0: none. */
      port: port.default(0),
      /** Who asks `/metrics` on the main port with this bearer token may read it; empty: nobody. */
      token: z.string().default(''),
    })
    .prefault({}),
  telemetry: z
    .strictObject({
      /** Where traces go, such as http://127.0.0.1:4318/v1/traces; empty: nowhere. */
      otlpEndpoint: z.string().default(''),
      serviceName: z.string().min(1).default('comfyui-web-service'),
    })
    .prefault({}),
  testing: z
    .strictObject({
      /** A named moment at which the process ends itself by SIGKILL; for tests alone (src/common/kill-points.ts). */
      killAt: z.string().default(''),
    })
    .prefault({}),
  jobs: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** How often files that nothing refers to any more are removed. */
      blobSweepMs: positive.default(3_600_000),
      /** How often the two databases of tasks are compared (I7). */
      reconcileMs: positive.default(600_000),
    })
    .prefault({}),
  /** Where generated secrets, the private database server and first-run passwords live. */
  dataDir: z.string().min(1).default('.data'),
  secrets: z
    .strictObject({
      /** Signs access tokens and addresses; made at first start where empty. */
      signingKey: z.string().default(''),
      /** Encrypts stored keys of others (32 bytes, base64); made at first start where empty. */
      encryptionKey: z.string().default(''),
    })
    .prefault({}),
});

export type Settings = z.infer<typeof SettingsSchema> & { taskTypes: TaskTypes };
export type DatabaseSettings = Settings['mysql']['client'];
export type Role = (typeof ROLES)[number];
