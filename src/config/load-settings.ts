import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { z } from 'zod';
import { SettingsError } from './settings.error.js';
import { SettingsSchema, type Settings } from './settings.schema.js';
import { TaskTypesSchema } from './task-types.schema.js';

type Tree = { [key: string]: unknown };

export interface SettingsSources {
  environment: NodeJS.ProcessEnv;
  /** A YAML file; one that is not there counts as empty, unless it was asked for by `CONFIG_FILE`. */
  file?: string;
  /** Known to the caller alone (addresses of a private database server, tests): wins over both. */
  overrides?: Tree;
}

/** Names that people expect beside the derived ones. */
const ALIASES: Record<string, string> = { PORT: 'SERVER_PORT', HOST: 'SERVER_HOST' };

/**
 * Reads the settings once: defaults, then the file, then the environment, then overrides.
 * Throws a SettingsError whose message names each wrong key, what it holds and what it may hold.
 */
export function loadSettings({ environment, file = 'config.yaml', overrides = {} }: SettingsSources): Settings {
  const path = environment.CONFIG_FILE ?? file;
  if (environment.CONFIG_FILE && !existsSync(path))
    throw new SettingsError([`CONFIG_FILE names ${path}, which does not exist.`]);
  const { task_types: taskTypes, ...fromFile } = existsSync(path) ? readYaml(path) : {};
  const input = merge(merge(camelise(fromFile), fromEnvironment(environment)), overrides);
  const { taskTypes: overridden, ...settings } = input;
  const checked = check(SettingsSchema, settings, environment);
  checked.storage.directory ||= join(checked.dataDir, 'storage');
  return {
    ...checked,
    taskTypes: check(TaskTypesSchema, overridden ?? taskTypes ?? undefined, environment, 'task_types'),
  };
}

function readYaml(path: string): Tree {
  try {
    const content: unknown = parse(readFileSync(path, 'utf8')) ?? {};
    if (!isTree(content)) throw new Error('the file must hold keys and values');
    return content;
  } catch (error) {
    throw new SettingsError([`${path} is not readable YAML: ${(error as Error).message}`], { cause: error });
  }
}

/** Environment variables by the path of each setting: `mysql.client.socket_path` is MYSQL_CLIENT_SOCKET_PATH. */
function fromEnvironment(environment: NodeJS.ProcessEnv): Tree {
  const named = { ...environment };
  for (const [alias, name] of Object.entries(ALIASES)) named[name] ??= named[alias];
  const result: Tree = {};
  for (const [path, example] of leaves(SettingsSchema.parse({}))) {
    const value = named[environmentName(path)];
    if (value !== undefined && value !== '') put(result, path, readValue(value, example));
  }
  return result;
}

function readValue(text: string, example: unknown): unknown {
  if (Array.isArray(example)) return text.split(',').map((part) => part.trim());
  if (typeof example === 'number') return Number.isNaN(Number(text)) ? text : Number(text);
  if (typeof example === 'boolean') return { true: true, '1': true, false: false, '0': false }[text] ?? text;
  return text;
}

function check<S extends z.ZodType>(
  schema: S,
  value: unknown,
  environment: NodeJS.ProcessEnv,
  under?: string,
): z.infer<S> {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  throw new SettingsError(
    outcome.error.issues.map((issue) => {
      const path = issue.path.map(String);
      const held = path.reduce<unknown>((at, key) => (at as Tree | undefined)?.[key], value);
      const name = [...(under ? [under] : []), ...path.map(under ? String : snakeCase)].join('.');
      const variable = variablesOf(path).find((candidate) => environment[candidate]);
      const source = variable ? ` (from ${variable})` : '';
      return `${name || 'settings'}${source} holds ${show(held, name)}: ${issue.message}.`;
    }),
  );
}

const SECRET = /password|key|secret|token/i;

function show(value: unknown, name: string): string {
  if (value === undefined) return 'nothing';
  if (SECRET.test(name)) return '(hidden)';
  return JSON.stringify(value, (key, inner: unknown) => (SECRET.test(key) && !isTree(inner) ? '(hidden)' : inner));
}

/** Each setting by its path, with what it holds. */
export function* leaves(tree: Tree, path: string[] = []): Generator<[string[], unknown]> {
  for (const [key, value] of Object.entries(tree)) {
    if (isTree(value)) yield* leaves(value, [...path, key]);
    else yield [[...path, key], value];
  }
}

function put(tree: Tree, path: string[], value: unknown): void {
  const last = path.length - 1;
  const parent = path.slice(0, last).reduce<Tree>((at, key) => (at[key] ??= {}) as Tree, tree);
  parent[path[last]!] = value;
}

function merge(under: Tree, over: Tree): Tree {
  const result: Tree = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = result[key];
    result[key] = isTree(below) && isTree(value) ? merge(below, value) : value;
  }
  return result;
}

function camelise(value: unknown): Tree {
  const walk = (at: unknown): unknown => {
    if (!isTree(at)) return at;
    return Object.fromEntries(
      Object.entries(at).map(([key, inner]) => [
        key.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
        walk(inner),
      ]),
    );
  };
  return walk(value) as Tree;
}

/** As it is written in `config.yaml`. */
export function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** In the environment; the long name first: it wins. */
export function variablesOf(path: string[]): string[] {
  const name = environmentName(path);
  return [name, ...Object.keys(ALIASES).filter((alias) => ALIASES[alias] === name)];
}

function environmentName(path: string[]): string {
  return path.map(snakeCase).join('_').toUpperCase();
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
