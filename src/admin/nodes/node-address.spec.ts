import { InvalidInputError } from '../../common/index.js';
import { nodeIdOf, parseNodeAddress } from './node-address.js';

describe('parseNodeAddress', () => {
  it.each([
    ['http://10.0.0.5:8188', { url: 'http://10.0.0.5:8188', host: '10.0.0.5', port: 8188 }],
    [' HTTP://Gpu-1:8188/ ', { url: 'http://gpu-1:8188', host: 'gpu-1', port: 8188 }],
    ['http://gpu-1:80', { url: 'http://gpu-1', host: 'gpu-1', port: 80 }],
    ['https://gpu.example/comfy//', { url: 'https://gpu.example/comfy', host: 'gpu.example', port: 443 }],
  ])('writes %j in one way', (text, expected) => {
    expect(parseNodeAddress(text)).toEqual(expected);
  });

  it.each(['', 'gpu-1:8188', 'ftp://gpu-1', 'http://user:secret@gpu-1', 'http://gpu-1/?a=b'])('refuses %j', (text) => {
    expect(() => parseNodeAddress(text)).toThrow(InvalidInputError);
  });

  it('makes a readable id', () => {
    expect(nodeIdOf(parseNodeAddress('http://[::1]:8188'))).toBe('node-1-8188');
    expect(nodeIdOf(parseNodeAddress('http://10.0.0.5:8188'))).toBe('node-10-0-0-5-8188');
  });
});
