// A static server for the built page: `node tools/serve.mjs [--root dist] [--port 0] [--base /] [--host 127.0.0.1] [--no-isolation]`.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.csv': 'text/csv; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.jsonl': 'application/jsonl; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/** Cross-origin isolation: what lets a page share memory between threads. */
const ISOLATION = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/**
 * Serves a folder over HTTP until the returned server is closed.
 * @param {{ root: string, port?: number, host?: string, base?: string, isolation?: boolean }} options `port` 0 takes a free one; `base` is a sub-path such as `/tools/vane/`.
 * @returns {Promise<{ url: string, server: import('node:http').Server }>}
 */
export async function serve({ root, port = 0, host = '127.0.0.1', base = '/', isolation = true }) {
  const folder = resolve(root);
  const prefix = `/${base.split('/').filter(Boolean).join('/')}/`.replace('//', '/');
  const server = createServer((request, response) => {
    answer(request, response, { folder, prefix, headers: isolation ? ISOLATION : {} }).catch((error) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  await new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(port, host, done);
  });
  const address = server.address();
  return { url: `http://${host === '0.0.0.0' ? 'localhost' : host}:${address.port}${prefix}`, server };
}

async function answer(request, response, { folder, prefix, headers }) {
  const { pathname } = new URL(request.url, 'http://localhost');
  const plain = (status, text) => response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
  if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, 'Only GET and HEAD.');
  if (`${pathname}/` === prefix) return response.writeHead(308, { ...headers, Location: prefix }).end();
  const path = pathname.startsWith(prefix) ? decodePath(pathname.slice(prefix.length)) : null;
  const file = path === null ? null : await find(folder, path);
  if (!file) return plain(404, `No such file: ${pathname}`);

  const range = byteRange(request.headers.range, file.size);
  const common = {
    ...headers,
    'Content-Type': TYPES[extname(file.path)] ?? 'application/octet-stream',
    'Cache-Control': 'no-cache',
    'Accept-Ranges': 'bytes',
  };
  if (range === 'unsatisfiable') return response.writeHead(416, { ...common, 'Content-Range': `bytes */${file.size}` }).end();
  if (range)
    response.writeHead(206, {
      ...common,
      'Content-Range': `bytes ${range.start}-${range.end}/${file.size}`,
      'Content-Length': range.end - range.start + 1,
    });
  else response.writeHead(200, { ...common, 'Content-Length': file.size });
  if (request.method === 'HEAD' || file.size === 0) return response.end();
  createReadStream(file.path, range ?? {})
    .on('error', () => response.destroy())
    .pipe(response);
}

function decodePath(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

/** The file at a path within the folder, or its index.html; null for what is missing or outside. */
async function find(folder, path) {
  const target = resolve(join(folder, path));
  if (path.includes('\0') || (target !== folder && !target.startsWith(folder + sep))) return null;
  for (const candidate of [target, join(target, 'index.html')]) {
    const found = await stat(candidate).catch(() => null);
    if (found?.isFile()) return { path: candidate, size: found.size };
  }
  return null;
}

/** One range of bytes, both ends inclusive; null for none or several. */
function byteRange(header, size) {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(size - 1, Number(match[2]));
  return start > end ? 'unsatisfiable' : { start, end };
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const { values } = parseArgs({
    options: {
      root: { type: 'string', default: fileURLToPath(new URL('../dist', import.meta.url)) },
      port: { type: 'string', default: '0' },
      host: { type: 'string', default: '127.0.0.1' },
      base: { type: 'string', default: '/' },
      'no-isolation': { type: 'boolean', default: false },
    },
  });
  const { url } = await serve({
    root: values.root,
    port: Number(values.port),
    host: values.host,
    base: values.base,
    isolation: !values['no-isolation'],
  });
  console.log(url);
}
