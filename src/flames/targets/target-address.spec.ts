import { isTargetAddress, readApiSite } from './target-address.js';

describe('readApiSite', () => {
  it.each([
    ['https://api.example.com', 'https://api.example.com/v1'],
    ['https://api.example.com/', 'https://api.example.com/v1'],
    ['  https://api.example.com/v1  ', 'https://api.example.com/v1'],
    ['https://api.example.com/v1/', 'https://api.example.com/v1'],
    ['https://api.example.com/v1/chat/completions', 'https://api.example.com/v1'],
    ['https://api.example.com/v1/chat/completions/', 'https://api.example.com/v1'],
    ['https://api.example.com/chat/completions', 'https://api.example.com'],
    ['https://api.example.com/api', 'https://api.example.com/api/v1'],
    ['https://api.example.com/compatible-mode', 'https://api.example.com/compatible-mode/v1'],
    ['https://api.example.com/api/paas/v4/', 'https://api.example.com/api/paas/v4'],
    ['https://api.example.com/v1beta/openai/', 'https://api.example.com/v1beta/openai'],
    ['https://api.example.com:8443/vllm//', 'https://api.example.com:8443/vllm/v1'],
    ['HTTP://API.example.com/V1', 'http://api.example.com/V1/v1'],
  ])('reads %s as %s', (apiSite, baseUrl) => {
    expect(readApiSite(apiSite, false)).toEqual({ baseUrl, query: {} });
  });

  it('keeps what stands behind the question mark, for every request', () => {
    expect(readApiSite('https://a.example.com/openai/chat/completions?api-version=2024-10-21', false)).toEqual({
      baseUrl: 'https://a.example.com/openai',
      query: { 'api-version': '2024-10-21' },
    });
  });

  it.each([
    ['api.example.com/v1', 'http(s)'],
    ['ftp://api.example.com', 'http(s)'],
    ['https://ann:secret@api.example.com', 'password'],
    ['http://127.0.0.1:8000/v1', 'public internet'],
    ['http://169.254.169.254/v1', 'public internet'],
    ['', 'http(s)'],
  ])('refuses %s', (apiSite, words) => {
    expect(() => readApiSite(apiSite, false)).toThrow(words);
  });

  it.each([
    'api-key',
    'apikey',
    'API_KEY',
    'key',
    'token',
    'access_token',
    'code',
    'subscription-key',
    'AccessKey',
    'sig',
  ])('refuses a key in the address, as %s', (name) => {
    const read = () => readApiSite(`https://a.example.com/v1?api-version=1&${name}=s3cret`, false);
    expect(read).toThrow(`api_site must hold no key: take ${name} out of it and give the key in its own field.`);
  });

  it('keeps names that only begin like one of a key', () => {
    const { query } = readApiSite('https://a.example.com/v1?keyboard=us&api-version=1&codec=x', false);
    expect(query).toEqual({ keyboard: 'us', 'api-version': '1', codec: 'x' });
  });

  it('takes private addresses where the configuration allows them, and link-local and metadata ones never', () => {
    expect(readApiSite('http://10.0.0.7:8000', true).baseUrl).toBe('http://10.0.0.7:8000/v1');
    for (const host of ['169.254.169.254', '[fe80::1]', '[fd00:ec2::254]', '100.100.100.200', '0.0.0.0']) {
      expect(() => readApiSite(`http://${host}/`, true)).toThrow('special address');
    }
  });
});

describe('isTargetAddress', () => {
  it('takes public addresses always and private ones where allowed', () => {
    expect([isTargetAddress('8.8.8.8', false), isTargetAddress('10.0.0.1', false)]).toEqual([true, false]);
    expect([isTargetAddress('10.0.0.1', true), isTargetAddress('169.254.1.1', true)]).toEqual([true, false]);
  });
});
