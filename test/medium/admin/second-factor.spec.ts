import { ADMIN_PASSWORD, AdminApi, codeOf, type Caller } from '../../support/admin-api.js';

describe('the second factor of an admin (real: HTTP and MariaDB)', () => {
  let api: AdminApi;

  beforeAll(async () => {
    api = await AdminApi.start();
  });

  afterAll(() => api.stop());

  const give = async (username: string) => {
    const admin = await api.makeAndSignIn(username);
    const { body: begun } = await admin('POST', '/account/totp', { password: ADMIN_PASSWORD });
    const used = codeOf(begun.secret);
    const { body: confirmed } = await admin('POST', '/account/totp/confirm', { code: used });
    return { admin, used, secret: begun.secret as string, recoveryCodes: confirmed.recovery_codes as string[] };
  };
  const failures = async (username: string) => {
    const sql = 'SELECT failed_logins AS failures FROM admin_users WHERE username = ?';
    return (await api.database.rows<{ failures: number }>(sql, [username]))[0]!.failures;
  };

  it('counts from its confirmation on, and is kept sealed', async () => {
    const admin = await api.makeAndSignIn('ada');
    const begun = await admin('POST', '/account/totp', { password: ADMIN_PASSWORD });
    expect(begun).toMatchObject({ status: 200, body: { otpauth_uri: expect.stringContaining(begun.body.secret) } });
    expect((await api.login('ada')).status).toBe(200);
    expect(await admin('POST', '/account/totp/confirm', { code: '000000x' })).toMatchObject({
      status: 422,
      body: { code: 'WRONG_CODE' },
    });
    const confirmed = await admin('POST', '/account/totp/confirm', { code: codeOf(begun.body.secret) });
    expect(confirmed.body.recovery_codes).toHaveLength(10);
    expect((await admin('GET', '/account')).body).toMatchObject({ has_totp: true, recovery_codes_left: 10 });
    const rows = await api.database.rows<object>('SELECT * FROM admin_users LEFT JOIN admin_recovery_codes ON TRUE');
    const audit = await api.database.rows<object>('SELECT * FROM audit_logs');
    for (const secret of [begun.body.secret, ...confirmed.body.recovery_codes]) {
      expect(JSON.stringify([rows, audit])).not.toContain(secret);
    }
  });

  it('asks for a code where it is missing, which counts neither for nor against the account', async () => {
    const { secret } = await give('bea');
    await api.login('bea', { totp_code: '000000' });
    const before = await failures('bea');
    expect(await api.login('bea')).toMatchObject({
      status: 401,
      body: { code: 'TOTP_REQUIRED', detail: expect.stringContaining('second factor') },
    });
    expect(await failures('bea')).toBe(before);
    expect((await api.login('bea', { password: 'wrong horse', totp_code: codeOf(secret, 1) })).body.code).toBe(
      'WRONG_CREDENTIALS',
    );
  });

  it('takes each code once, also of many sign-ins at once, and none older than the last', async () => {
    const { secret, used } = await give('cid');
    expect((await api.login('cid', { totp_code: used })).body.code).toBe('TOTP_CODE_USED');
    const totp_code = codeOf(secret, 1);
    const answers = await Promise.all([1, 2, 3, 4].map(() => api.login('cid', { totp_code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401]);
    expect((await api.login('cid', { totp_code: used })).body.code).toBe('TOTP_CODE_USED');
  });

  it('takes each recovery code once, however it is written', async () => {
    const { admin, recoveryCodes } = await give('dan');
    const typed = recoveryCodes[0]!.toUpperCase().replaceAll('-', ' ');
    const answers = await Promise.all([1, 2, 3].map(() => api.login('dan', { totp_code: typed })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect((await api.login('dan', { totp_code: recoveryCodes[1]! })).status).toBe(200);
    expect((await admin('GET', '/account')).body.recovery_codes_left).toBe(8);
    const { recoveryCodes: others } = await give('dora');
    expect((await api.login('dan', { totp_code: others[0]! })).body.code).toBe('WRONG_TOTP_CODE');
  });

  it('says so where its secret was kept under another key, and lets recovery codes in', async () => {
    const { secret, recoveryCodes } = await give('cleo');
    await api.database.run("UPDATE admin_users SET totp_secret = 'v1.AAAA' WHERE username = 'cleo'");
    expect(await api.login('cleo', { totp_code: codeOf(secret, 1) })).toMatchObject({
      status: 503,
      body: { code: 'TOTP_UNREADABLE', detail: expect.stringContaining('admin:reset-totp') },
    });
    expect((await api.login('cleo', { totp_code: recoveryCodes[0]! })).status).toBe(200);
  });

  it('locks the account after wrong codes, even all at once', async () => {
    const { secret } = await give('eve');
    const { loginAttempts } = api.server.settings.auth;
    const guesses = await Promise.all(
      Array.from({ length: loginAttempts + 5 }, () => api.login('eve', { totp_code: '000000' })),
    );
    const codes = guesses.map(({ body }) => body.code);
    expect(codes.filter((code) => code === 'WRONG_TOTP_CODE')).toHaveLength(loginAttempts);
    expect(codes.filter((code) => code === 'ACCOUNT_LOCKED')).toHaveLength(5);
    expect((await api.login('eve', { totp_code: codeOf(secret, 1) })).status).toBe(429);
  });

  it('leaves wrong codes counted when the password alone is shown in between', async () => {
    const { admin, secret } = await give('eva');
    const guess = () => admin('DELETE', '/account/totp', { password: ADMIN_PASSWORD, code: '000000' });
    const showPassword = () => admin('POST', '/account/totp', { password: ADMIN_PASSWORD });
    const { loginAttempts } = api.server.settings.auth;
    for (let at = 0; at < loginAttempts - 1; at += 1) {
      expect((await guess()).body.code).toBe('WRONG_CODE');
      expect((await showPassword()).body.code).toBe('TOTP_EXISTS');
    }
    expect(await failures('eva')).toBe(loginAttempts - 1);
    await guess();
    expect(await showPassword()).toMatchObject({ status: 429, body: { code: 'ACCOUNT_LOCKED' } });
    expect((await api.login('eva', { totp_code: codeOf(secret, 1) })).status).toBe(429);
    const rows = await api.database.rows(
      "SELECT DISTINCT actor, target_id, after_state FROM audit_logs WHERE action = 'admin.refused' AND actor = 'eva'",
    );
    expect(rows).toMatchObject([{ target_id: 'eva' }]);
    expect(JSON.stringify(rows)).toContain('wrong_code');
  });

  it('counts wrong codes at its confirmation as wrong passwords, and notes them', async () => {
    const admin = await api.makeAndSignIn('edda');
    const { body: begun } = await admin('POST', '/account/totp', { password: ADMIN_PASSWORD });
    const confirm = (code: string) => admin('POST', '/account/totp/confirm', { code });
    const { loginAttempts } = api.server.settings.auth;
    for (let count = 1; count <= loginAttempts; count += 1) {
      expect(await confirm('000000')).toMatchObject({ status: 422, body: { code: 'WRONG_CODE' } });
      expect(await failures('edda')).toBe(count);
    }
    expect(await confirm(codeOf(begun.secret))).toMatchObject({ status: 429, body: { code: 'ACCOUNT_LOCKED' } });
    expect((await admin('GET', '/account')).body).toMatchObject({ has_totp: false });
    const rows = await api.database.rows<{ after: string }>(
      "SELECT after_state AS after FROM audit_logs WHERE action = 'admin.refused' AND actor = 'edda'",
    );
    expect(rows).toHaveLength(loginAttempts);
    expect(JSON.stringify(rows[0])).toContain('wrong_code');
  });

  it('is asked for where the password is changed', async () => {
    const { admin, secret } = await give('emil');
    const change = (more: object) =>
      admin('POST', '/account/password', { old_password: ADMIN_PASSWORD, new_password: 'another horse', ...more });
    expect(await change({})).toMatchObject({ status: 422, body: { code: 'CODE_MISSING' } });
    expect(await change({ totp_code: '000000' })).toMatchObject({ status: 422, body: { code: 'WRONG_CODE' } });
    expect(await failures('emil')).toBe(1);
    expect((await change({ totp_code: codeOf(secret, 1) })).status).toBe(200);
    expect(await failures('emil')).toBe(0);
  });

  it('is taken from the end of the password, as the dashboard has no field for it', async () => {
    const { secret, recoveryCodes } = await give('fee');
    const login = (password: string) => api.login('fee', { password });
    expect((await api.login('fee')).body.detail).toContain('password 123456');
    expect((await login(`${ADMIN_PASSWORD} 000000`)).body.code).toBe('WRONG_TOTP_CODE');
    expect((await login(`wrong horse ${codeOf(secret, 1)}`)).body.code).toBe('WRONG_CREDENTIALS');
    expect((await login(`${ADMIN_PASSWORD} ${codeOf(secret, 1)}`)).status).toBe(200);
    expect((await login(`${ADMIN_PASSWORD} ${recoveryCodes[0]}`)).status).toBe(200);
  });

  it('leaves a password alone that ends like a code, and adds nothing to one without a second factor', async () => {
    await api.make('finn');
    expect((await api.login('finn', { password: `${ADMIN_PASSWORD} 123456` })).body.code).toBe('WRONG_CREDENTIALS');
    const finn = await api.signIn('finn');
    const password = 'battery 123456';
    await finn('POST', '/account/password', { old_password: ADMIN_PASSWORD, new_password: password });
    expect((await api.login('finn', { password })).status).toBe(200);
    const { body } = await finn('POST', '/account/totp', { password });
    await finn('POST', '/account/totp/confirm', { code: codeOf(body.secret) });
    expect((await api.login('finn', { password })).body.code).toBe('TOTP_REQUIRED');
  });

  it('ends the sign-ins that were made without it, but for the one that set it up', async () => {
    const stranger = await api.makeAndSignIn('gil');
    const admin = await api.signIn('gil');
    const { body } = await admin('POST', '/account/totp', { password: ADMIN_PASSWORD });
    expect((await stranger('GET', '/account')).status).toBe(200);
    await admin('POST', '/account/totp/confirm', { code: codeOf(body.secret) });
    expect((await stranger('GET', '/account')).status).toBe(401);
    expect((await admin('GET', '/account')).status).toBe(200);
    const actions = await api.database.rows<{ action: string }>(
      "SELECT action FROM audit_logs WHERE target_id = 'gil' AND action LIKE 'admin.totp%' ORDER BY id",
    );
    expect(actions.map(({ action }) => action)).toEqual(['admin.totp_begin', 'admin.totp_on']);
  });

  it('is removed by the password and a code, and by neither alone', async () => {
    const { admin, recoveryCodes } = await give('fay');
    const [code] = recoveryCodes;
    const remove = (body: object): ReturnType<Caller> => admin('DELETE', '/account/totp', body);
    expect(await remove({ password: 'wrong horse', code })).toMatchObject({ status: 422 });
    expect(await remove({ password: ADMIN_PASSWORD, code: '000000' })).toMatchObject({
      status: 422,
      body: { code: 'WRONG_CODE' },
    });
    expect(await remove({ password: ADMIN_PASSWORD })).toMatchObject({ status: 422 });
    expect(await remove({ password: ADMIN_PASSWORD, code })).toMatchObject({ status: 200 });
    expect((await api.login('fay')).status).toBe(200);
    expect(await remove({ password: ADMIN_PASSWORD, code })).toMatchObject({
      status: 409,
      body: { code: 'TOTP_MISSING' },
    });
  });

  it('is begun with the password alone, and not twice', async () => {
    const { admin } = await give('gus');
    const begin = (password: string) => admin('POST', '/account/totp', { password });
    expect(await begin('wrong horse')).toMatchObject({ status: 422, body: { code: 'WRONG_PASSWORD' } });
    expect(await begin(ADMIN_PASSWORD)).toMatchObject({ status: 409, body: { code: 'TOTP_EXISTS' } });
    expect(await admin('POST', '/account/totp/confirm', { code: '123456' })).toMatchObject({
      status: 409,
      body: { code: 'TOTP_NOT_BEGUN' },
    });
  });
});
