import { findAddressProblem, isPrivateNetworkAddress, isPublicAddress } from './public-address.js';

describe('isPublicAddress', () => {
  it.each(['93.184.216.34', '8.8.8.8', '2606:2800:220:1:248:1893:25c8:1946'])('takes %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    ...[
      '127.0.0.1',
      '127.9.9.9',
      '0.0.0.0',
      '10.0.0.1',
      '172.16.0.1',
      '172.31.255.255',
      '192.168.1.1',
      '169.254.169.254',
    ],
    ...['100.64.0.1', '100.100.100.200', '168.63.129.16', '192.0.0.192', '192.0.2.1', '198.18.0.1', '224.0.0.1'],
    ...['240.0.0.1', '255.255.255.255', '::', '::1', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '2001:db8::1'],
    ...['::ffff:127.0.0.1', '::ffff:10.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:0:7f00:1::', 'localhost', ''],
  ])('refuses %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe('isPrivateNetworkAddress', () => {
  it.each(['127.0.0.1', '10.1.2.3', '192.168.1.1', '172.20.0.5', '100.64.0.1', '::1', 'fd12::1', '::ffff:10.0.0.1'])(
    'takes %s',
    (address) => {
      expect(isPrivateNetworkAddress(address)).toBe(true);
    },
  );

  it.each([
    ...['169.254.169.254', 'fe80::1', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16', '::ffff:169.254.169.254'],
    ...['0.0.0.0', '224.0.0.1', '255.255.255.255', '64:ff9b::7f00:1', '8.8.8.8', 'localhost'],
  ])('refuses %s', (address) => {
    expect(isPrivateNetworkAddress(address)).toBe(false);
  });
});

describe('findAddressProblem', () => {
  const problem = (text: string, allowPrivate = false) => findAddressProblem(text, { allowPrivate });

  it('takes names and public addresses', () => {
    for (const text of ['https://example.org/hook?a=1', 'http://93.184.216.34:8080/', 'https://[2606:2800::1]/']) {
      expect(problem(text)).toBeUndefined();
    }
  });

  it.each([
    ['ftp://example.org', 'http(s)'],
    ['file:///etc/passwd', 'http(s)'],
    ['example.org', 'http(s)'],
    ['http://ann:secret@example.org', 'password'],
    [`http://example.org/${'x'.repeat(500)}`, '500'],
    ['http://127.0.0.1/', 'public'],
    // Other ways to write 127.0.0.1, which the URL parser knows.
    ['http://2130706433/', 'public'],
    ['http://0x7f.1/', 'public'],
    ['http://[::ffff:127.0.0.1]/', 'public'],
    ['http://169.254.169.254/latest/meta-data', 'public'],
  ])('refuses %s', (text, reason) => {
    expect(problem(text)).toContain(reason);
  });

  it('takes private addresses where that is allowed', () => {
    expect(problem('http://127.0.0.1:9000/', true)).toBeUndefined();
  });
});
