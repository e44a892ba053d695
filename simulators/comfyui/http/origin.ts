import type { IncomingMessage } from 'node:http';

const loopbackNames = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Whether a page from elsewhere asks: Host is a loopback name, and Origin names another host or port. */
export function isForeignOrigin(request: IncomingMessage): boolean {
  const { host, origin } = request.headers;
  if (!host || !origin) return false;
  const asked = tryUrl(`http://${host}`);
  const asking = tryUrl(origin);
  if (!asked || !asking || !loopbackNames.test(asked.hostname)) return false;
  return asked.host !== asking.host;
}

function tryUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
