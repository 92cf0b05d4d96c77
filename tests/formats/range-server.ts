import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a test host misbehaves. */
export interface Behaviour {
  /** Answers every Range request with the whole file. */
  withoutRanges?: boolean;
  /** Cuts the connection after this many bytes of a body, this many times in all. */
  cutAfter?: number;
  cuts?: number;
  /** Answers with this status. */
  status?: number;
  /** Answers this many times with 503 first. */
  busyTimes?: number;
  /** Answers missing files with a page, as hosts of single-page applications do. */
  pageForMissing?: boolean;
  /** Redirects /owner/name/resolve/... to /cdn/..., as the hub does. */
  redirects?: boolean;
  /** Redirects everything to the same path of this address. */
  movedTo?: string;
  /** Begins each range one byte late. */
  shifted?: boolean;
  /** Sends the headers and then nothing. */
  stalls?: boolean;
  /** Leaves Content-Range out, as hosts do that do not expose it. */
  hidesTotal?: boolean;
}

export interface RangeServer {
  url: string;
  requests: Array<{ path: string; range: string | undefined }>;
  /** The most requests that were open at once. */
  mostAtOnce: number;
  close(): Promise<void>;
}

/** Serves `files` by path, with ranges and CORS, and misbehaves on demand. */
export async function startRangeServer(files: Record<string, Uint8Array>, behaviour: Behaviour = {}): Promise<RangeServer> {
  const state = {
    requests: [] as RangeServer['requests'],
    mostAtOnce: 0,
    open: 0,
    cuts: behaviour.cuts ?? Number.POSITIVE_INFINITY,
    busy: behaviour.busyTimes ?? 0,
  };
  const server: Server = createServer((request, response) => {
    state.open++;
    state.mostAtOnce = Math.max(state.mostAtOnce, state.open);
    response.on('close', () => {
      state.open--;
    });
    answer(request, response, files, behaviour, state);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests: state.requests,
    get mostAtOnce() {
      return state.mostAtOnce;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  files: Record<string, Uint8Array>,
  behaviour: Behaviour,
  state: { requests: RangeServer['requests']; cuts: number; busy: number },
): void {
  const path = decodeURIComponent((request.url ?? '/').replace(/\?.*$/, ''));
  const { range } = request.headers;
  state.requests.push({ path, range });
  const cors = { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': 'Content-Range' };
  if (state.busy > 0) {
    state.busy--;
    response.writeHead(503, cors).end();
    return;
  }
  if (behaviour.status) {
    response.writeHead(behaviour.status, cors).end('no');
    return;
  }
  if (behaviour.movedTo) {
    response.writeHead(302, { ...cors, Location: `${behaviour.movedTo}${path}` }).end();
    return;
  }
  if (behaviour.redirects && path.includes('/resolve/')) {
    response.writeHead(302, { ...cors, Location: path.replace(/^.*\/resolve\/[^/]+\//, '/cdn/') }).end();
    return;
  }
  const file = files[path.replace(/^\/cdn\//, '/')];
  if (!file) {
    if (behaviour.pageForMissing)
      response.writeHead(200, { ...cors, 'Content-Type': 'text/html' }).end('<!doctype html><title>App</title>');
    else response.writeHead(404, cors).end('not found');
    return;
  }
  const wanted = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  const start = wanted && !behaviour.withoutRanges ? Number(wanted[1]) + (behaviour.shifted ? 1 : 0) : 0;
  const end = wanted && !behaviour.withoutRanges ? Math.min(file.length, wanted[2] ? Number(wanted[2]) + 1 : file.length) : file.length;
  const body = file.subarray(start, end);
  const headers: Record<string, string | number> = { ...cors, 'Content-Type': 'application/octet-stream', 'Content-Length': body.length };
  if (wanted && !behaviour.withoutRanges && !behaviour.hidesTotal) headers['Content-Range'] = `bytes ${start}-${end - 1}/${file.length}`;
  response.writeHead(wanted && !behaviour.withoutRanges ? 206 : 200, headers);
  if (request.method === 'HEAD') response.end();
  else if (behaviour.stalls) response.write(body.subarray(0, 1));
  else if (behaviour.cutAfter !== undefined && body.length > behaviour.cutAfter && state.cuts > 0) {
    state.cuts--;
    response.write(body.subarray(0, behaviour.cutAfter), () => setTimeout(() => response.destroy(), 5));
  } else response.end(body);
}
