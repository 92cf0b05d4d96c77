import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
};

export interface StaticServerOptions {
  /** URL prefix (with both slashes) -> folder on disk. */
  mounts: Record<string, string>;
  /** Sends the two headers that give the page threads. */
  isolated?: boolean;
  /** Answers Range requests with 206; without it every answer is the whole file. */
  ranges?: boolean;
}

/** A plain file host for tests: any sub-path, with or without isolation headers and ranges. */
export class StaticServer {
  private readonly server: Server;

  private constructor(private readonly options: StaticServerOptions) {
    this.server = createServer((request, response) => this.answer(request, response));
  }

  static async start(options: StaticServerOptions): Promise<StaticServer> {
    const host = new StaticServer(options);
    await new Promise<void>((resolve) => host.server.listen(0, '127.0.0.1', resolve));
    return host;
  }

  /** `http://localhost:PORT`: a secure context, so that WebGPU and service workers exist. */
  get origin(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private find(path: string): string | null {
    for (const [prefix, folder] of Object.entries(this.options.mounts)) {
      if (!path.startsWith(prefix)) continue;
      const inside = normalize(decodeURIComponent(path.slice(prefix.length)) || 'index.html');
      if (inside.startsWith(`..${sep}`)) return null;
      const file = join(folder, inside);
      if (existsSync(file) && statSync(file).isFile()) return file;
    }
    return null;
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    if (this.options.isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
      response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    }
    const file = this.find(pathname);
    if (!file) {
      response.writeHead(404, { 'Content-Type': 'text/html' }).end('<!doctype html><title>Not found</title>');
      return;
    }
    const size = statSync(file).size;
    response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
    const range = this.options.ranges ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') : null;
    const first = Number(range?.[1] ?? 0);
    const last = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
    if (this.options.ranges) response.setHeader('Accept-Ranges', 'bytes');
    if (range && first >= size) {
      response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
      return;
    }
    if (range) response.setHeader('Content-Range', `bytes ${first}-${last}/${size}`);
    response.writeHead(range ? 206 : 200, { 'Content-Length': size === 0 ? 0 : last - first + 1 });
    if (request.method === 'HEAD' || size === 0) response.end();
    else createReadStream(file, { start: first, end: last }).pipe(response);
  }
}
