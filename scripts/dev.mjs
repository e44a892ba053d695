// `npm run dev`: `npm start` with readable logs, built and started anew at each change of a source.
import { spawn } from 'node:child_process';
import { prepare, root } from './prepare.mjs';

prepare();
const compile = ['node_modules/@swc/cli/bin/swc.js', 'src', 'ormconfig', 'simulators', 'launch'];
const watch = ['--out-dir', 'dist', '--config-file', '.swcrc', '--watch', '--quiet'];
const compiler = spawn(process.execPath, [...compile, ...watch], { cwd: root, stdio: 'inherit' });
const service = spawn(process.execPath, ['--watch-path=dist', 'scripts/run.mjs', 'start'], {
  cwd: root,
  stdio: 'inherit',
  env: { LOG_PRETTY: 'true', LOG_LEVEL: 'debug', ...process.env },
});

// Ctrl-C reaches both by the terminal; whichever ends first takes the other along.
compiler.on('exit', () => service.kill('SIGTERM'));
service.on('exit', (code) => {
  compiler.kill('SIGTERM');
  process.exitCode = code ?? 0;
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => service.kill(signal));
