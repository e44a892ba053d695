import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings, SettingsError } from './index.js';

describe('the settings', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cws-settings-'));
    file = join(folder, 'config.yaml');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const load = (environment: NodeJS.ProcessEnv, yaml = '') => {
    writeFileSync(file, yaml);
    return loadSettings({ environment, file });
  };
  const problemsOf = (environment: NodeJS.ProcessEnv, yaml = ''): string[] => {
    try {
      load(environment, yaml);
    } catch (error) {
      if (error instanceof SettingsError) return error.problems;
      throw error;
    }
    return [];
  };

  it('have a default each, so that a file is not needed', () => {
    const settings = loadSettings({ environment: {}, file: join(folder, 'none.yaml') });
    expect(settings.server.port).toBe(8000);
    expect(settings.mysql.shared).toMatchObject({ poolSize: 30, maxIdle: 15 });
  });

  it('come from the file, over it the environment, over both what the caller knows', () => {
    const yaml = 'server: { port: 8001 }\nmysql: { client: { pool_size: 7, max_idle: 3 } }';
    expect(load({}, yaml).server.port).toBe(8001);
    const overridden = loadSettings({
      environment: { MYSQL_CLIENT_POOL_SIZE: '9', SERVER_PORT: '8002' },
      file,
      overrides: { server: { port: 0 } },
    });
    expect(overridden.mysql.client).toMatchObject({ poolSize: 9, maxIdle: 3 });
    expect(overridden.server.port).toBe(0);
  });

  it('keep pictures under the data folder, unless they are sent elsewhere', () => {
    expect(load({ DATA_DIR: '/srv/comfy' }).storage.directory).toBe('/srv/comfy/storage');
    expect(load({ DATA_DIR: '/srv/comfy', STORAGE_DIRECTORY: '/mnt/nas' }).storage.directory).toBe('/mnt/nas');
  });

  it('answer to PORT and HOST, and the long names win over them', () => {
    expect(load({ PORT: '9000', HOST: '0.0.0.0' }).server).toMatchObject({ port: 9000, host: '0.0.0.0' });
    expect(load({ PORT: '9000', SERVER_PORT: '9001' }).server.port).toBe(9001);
  });

  it('read lists and booleans from the environment, and take an empty variable for unset', () => {
    const { server } = load({ SERVER_ROLES: 'api, sync', SERVER_TRUST_PROXY: 'true', PORT: '' });
    expect(server.roles).toEqual(['api', 'sync']);
    expect(server.trustProxy).toBe(true);
    expect(server.port).toBe(8000);
  });

  it('name the key, what it holds, what it may hold and the variable it came from', () => {
    expect(problemsOf({ SERVER_PORT: '70000' })).toEqual([
      expect.stringMatching(/^server\.port \(from SERVER_PORT\) holds 70000: .*65535/),
    ]);
    expect(problemsOf({}, 'log: { level: loud }')).toEqual([
      expect.stringMatching(/^log\.level holds "loud": .*"trace".*"silent"/),
    ]);
    expect(problemsOf({}, 'mysql: { client: { pool_size: 0 } }')).toEqual([
      expect.stringMatching(/^mysql\.client\.pool_size holds 0: /),
    ]);
  });

  it('name the variable that people really set, also where it is a short one', () => {
    expect(problemsOf({ PORT: 'eighty' })).toEqual([
      expect.stringMatching(/^server\.port \(from PORT\) holds "eighty"/),
    ]);
  });

  it('tell all wrong keys at once, and a misspelt one by its name', () => {
    const problems = problemsOf({}, 'server: { prot: 80 }\nsync: { batch_size: many }');
    expect(problems).toHaveLength(2);
    expect(problems.join('\n')).toMatch(/prot/);
    expect(problems.join('\n')).toMatch(/sync\.batch_size holds "many"/);
  });

  it('show no password beside a key that nobody knows', () => {
    const [problem] = problemsOf({ MYSQL_CLIENT_PASSWORD: 'hunter2' }, 'mysql: { client: { hots: x } }');
    expect(problem).toContain('hots');
    expect(problem).not.toContain('hunter2');
  });

  it('keep the usual concurrency of an evaluation within what a task may ask for', () => {
    const problems = problemsOf({ FLAMES_CONCURRENCY: '60' });
    expect(problems).toEqual([expect.stringMatching(/^flames\.concurrency .*flames\.max_concurrency/)]);
  });

  it('refuse a time zone that nobody knows, and say what one looks like', () => {
    const load = (zone: string) => () => loadSettings({ environment: { CONFIG_FILE: '', FLAMES_TIMES_ZONE: zone } });
    for (const zone of ['Shanghai', 'Asia/Shangai', 'GMT+25']) {
      expect(load(zone)).toThrow(/flames\.times_zone.*such as Asia\/Shanghai/s);
    }
    for (const zone of ['UTC', 'Europe/Berlin']) expect(load(zone)).not.toThrow();
  });

  it.each([
    ['+13:00', true],
    ['-12:59', true],
    ['+08:00', true],
    ['+13:01', false],
    ['-13:00', false],
    ['8', false],
  ])('take %s for the offset of old times: %s', (offset, isTaken) => {
    const load = () => loadSettings({ environment: { CONFIG_FILE: '', FLAMES_OLD_TIMES_OFFSET: offset } });
    if (isTaken) expect(load).not.toThrow();
    else expect(load).toThrow(/flames\.old_times_offset .*must be an offset/);
  });

  it('show no password and no key in a message', () => {
    const problems = problemsOf(
      {},
      'mysql: { client: { password: [hunter2] } }\nsecrets: { signing_key: { a: hunter2 } }',
    );
    expect(problems).toHaveLength(2);
    expect(problems.join('\n')).not.toMatch(/hunter2/);
  });

  it('tell where a file is no YAML, and where CONFIG_FILE names none', () => {
    expect(problemsOf({}, 'server: [')[0]).toContain(file);
    expect(problemsOf({ CONFIG_FILE: join(folder, 'gone.yaml') })[0]).toMatch(/CONFIG_FILE names .*gone\.yaml/);
  });

  it('keep the names of workflows and parameters as people wrote them', () => {
    const yaml = `
task_types:
  image_to_video:
    workflows:
      Wan2.1 i2v:
        workflow_file: wan.json
        parameter_mapping:
          negative_prompt: { node_id: 7, input_name: text }`;
    const workflow = load({}, yaml).taskTypes.image_to_video?.workflows['Wan2.1 i2v'];
    expect(workflow?.parameter_mapping.negative_prompt).toMatchObject({ node_id: '7', data_type: 'string' });
  });

  it('name the path of what is wrong in a task type', () => {
    const yaml = 'task_types: { text_to_image: { workflows: { sd_basic: { version: 1 } } } }';
    expect(problemsOf({}, yaml)).toEqual([
      expect.stringMatching(/^task_types\.text_to_image\.workflows\.sd_basic\.workflow_file holds nothing/),
    ]);
  });
});
