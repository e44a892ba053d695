import { ClosingStack } from './closing-stack.js';

describe('closing what was opened', () => {
  it('goes in reverse order, once, however often it is asked', async () => {
    const closed: string[] = [];
    const opened = new ClosingStack();
    for (const name of ['server', 'simulators', 'application'])
      opened.push(() => {
        closed.push(name);
        return Promise.resolve();
      });
    await Promise.all([opened.closeAll(), opened.closeAll()]);
    expect(closed).toEqual(['application', 'simulators', 'server']);
  });

  it('closes the rest where one fails, and then tells of the failure', async () => {
    const closed: string[] = [];
    const opened = new ClosingStack();
    opened.push(() => {
      closed.push('server');
      return Promise.resolve();
    });
    opened.push(() => Promise.reject(new Error('stuck')));
    await expect(opened.closeAll()).rejects.toThrow('stuck');
    expect(closed).toEqual(['server']);
  });
});
