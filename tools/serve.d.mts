import type { Server } from 'node:http';

export interface ServeOptions {
  root: string;
  /** 0 takes a free one. */
  port?: number;
  host?: string;
  /** A sub-path such as `/tools/vane/`. */
  base?: string;
  /** Sends the headers of cross-origin isolation; true unless told. */
  isolation?: boolean;
}

export function serve(options: ServeOptions): Promise<{ url: string; server: Server }>;
