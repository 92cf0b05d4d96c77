// `npm start`: installs, builds and opens the workbench on the embedded organism. `-- --no-open` only serves it, `-- --port N` chooses the port.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { serve } from './serve.mjs';
import { ensureInstalled, ROOT, runPackage, say } from './setup.mjs';

const PREFERRED_PORT = 4180;

const { values } = parseArgs({ options: { 'no-open': { type: 'boolean', default: false }, port: { type: 'string' } } });

await ensureInstalled();

say('Building (vite build)');
const code = await runPackage('vite/bin/vite.js', ['build', '--logLevel', 'warn']);
if (code !== 0) {
  console.error(`vite build: expected exit code 0, got ${code}. See its messages above.`);
  process.exit(1);
}

const { url, server } = await serveOnFreePort();
say(`Vane runs at ${url} (Ctrl-C ends it)`);
if (!values['no-open']) openBrowser(url);

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    server.close();
    server.closeAllConnections();
    process.exit(0);
  });
}

/** The same port each time where it is free: a browser keeps its caches by address. */
async function serveOnFreePort() {
  const root = join(ROOT, 'dist');
  if (values.port) return serve({ root, port: Number(values.port) });
  return serve({ root, port: PREFERRED_PORT }).catch(() => serve({ root }));
}

/** Opens the default browser; where there is none, the address on screen is enough. */
function openBrowser(address) {
  const openers = { darwin: ['open', [address]], win32: ['cmd', ['/c', 'start', '', address]] };
  const [program, args] = openers[process.platform] ?? ['xdg-open', [address]];
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', () => console.log('  No browser could be opened from here: open the address by hand.'));
  child.unref();
}
