import { connect } from 'node:net';
import { once } from 'node:events';
import { Installation } from '../support/installation.js';

describe('stopping (real: the whole application)', () => {
  it('does not wait for connections on which nothing was ever asked', async () => {
    const installation = await Installation.start([]);
    const { hostname, port } = new URL(installation.app.url);
    const silent = connect(Number(port), hostname);
    await once(silent, 'connect');
    // Its socket may still lie in the server's backlog: an answer on another one says that it has been taken.
    await fetch(`${installation.app.url}/api/health`);
    const closed = once(silent, 'close');
    await installation.stop();
    await closed;
  });
});
