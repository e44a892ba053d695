import { createServer, type AddressInfo } from 'node:net';

/** The preferred port where it is free, else any other free one. */
export async function chooseFreePort(preferred = 0): Promise<number> {
  const port = await tryPort(preferred, '127.0.0.1');
  return typeof port === 'number' ? port : chooseFreePort();
}

/** The error that keeps this program from listening there; undefined where nothing does. */
export async function findPortProblem(port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  const outcome = await tryPort(port, host);
  return typeof outcome === 'number' ? undefined : outcome;
}

async function tryPort(port: number, host: string): Promise<number | NodeJS.ErrnoException> {
  const probe = createServer();
  const outcome = await new Promise<number | NodeJS.ErrnoException>((resolve) => {
    probe.once('error', resolve);
    probe.listen(port, host, () => resolve((probe.address() as AddressInfo).port));
  });
  await new Promise((closed) => probe.close(closed));
  return outcome;
}
