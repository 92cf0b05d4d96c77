import { ArgumentError, SourceError } from '../core/errors';
import { plainHttpProblem } from '../core/plain-http';
import type { FileTree } from './byte-source';
import { DroppedTree } from './dropped-tree';
import type { HttpOptions } from './http-read';
import { HttpTree } from './http-tree';

/** What reading a source needs to know about its surroundings. */
export interface SourceOptions extends HttpOptions {
  /** The page's own address; a worker is told it. Relative addresses and the organism stand under it. */
  baseUrl: string;
  /** The hub's address, `https://huggingface.co` unless a test runs its own. */
  hubUrl?: string;
}

/** A source taken apart: the folder to read and, for a single-file model, the file in it. */
export interface ResolvedSource {
  name: string;
  tree: FileTree;
  /** Path of a .gguf in `tree`, or null for a Hugging Face folder. */
  gguf: string | null;
}

const HUB = 'https://huggingface.co';
const HUB_SOURCE = /^hf:([\w.-]+)\/([\w.-]+?)(?:@([^/]+))?(?:\/(.+))?$/;
const FORMS = "Use 'organism', 'hf:owner/name[@revision][/file.gguf]', the address of a folder or of a .gguf, or dropped files.";

/** Takes a source apart; nothing is fetched. @throws ArgumentError for text that is none of the forms; SourceError for plain http of another machine. */
export function resolveSource(source: string | readonly File[], options: SourceOptions): ResolvedSource {
  if (typeof source !== 'string') return resolveFiles(source);
  const organism = /^organism(?::([\w.-]+))?$/.exec(source);
  if (organism) {
    const folder = organism[1] ? `models/organism/adapters/${organism[1]}/` : 'models/organism/base/';
    return { name: source, tree: new HttpTree(source, new URL(folder, options.baseUrl).href, options), gguf: null };
  }
  if (source.startsWith('hf:')) return resolveHub(source, options);
  return resolveUrl(source, options);
}

function resolveHub(source: string, options: SourceOptions): ResolvedSource {
  const match = HUB_SOURCE.exec(source);
  const path = match?.[4] ?? '';
  if (!match || path.split('/').some((part) => part === '..' || part === '.')) {
    throw new ArgumentError(`source: expected hf:owner/name[@revision][/file.gguf], got "${source.slice(0, 200)}".`, FORMS);
  }
  const [, owner, repository, revision = 'main'] = match;
  const root = `${options.hubUrl ?? HUB}/${owner}/${repository}/resolve/${encodeURIComponent(decodeURIComponent(revision))}/`;
  const isGguf = path.toLowerCase().endsWith('.gguf');
  const folder = isGguf || path === '' ? '' : `${path.replace(/\/$/, '')}/`;
  return {
    name: `${owner}/${repository}${path ? `/${path}` : ''}`,
    tree: new HttpTree(source, root + folder, options),
    gguf: isGguf ? path : null,
  };
}

function resolveUrl(source: string, options: SourceOptions): ResolvedSource {
  let url: URL;
  try {
    url = new URL(source, options.baseUrl);
  } catch {
    throw new ArgumentError(`source: expected an address, got "${source.slice(0, 200)}".`, FORMS);
  }
  if (!['http:', 'https:', 'blob:'].includes(url.protocol))
    throw new ArgumentError(`source: expected an http or https address, got "${url.protocol}".`, FORMS);
  const blocked = plainHttpProblem(url, new URL(options.baseUrl).origin);
  if (blocked) throw new SourceError(`source: expected an https address of ${url.host}, got plain http.`, blocked);
  const { search } = url;
  const path = url.pathname;
  // The page's own host and the hub, which passes files on to its store, are trusted with it; any other may lead anywhere.
  const isTrusted = [options.baseUrl, options.hubUrl ?? HUB].some((known) => new URL(known).origin === url.origin);
  const reading: HttpOptions = isTrusted ? options : { ...options, redirects: 'refuse' };
  if (path.toLowerCase().endsWith('.gguf')) {
    const slash = path.lastIndexOf('/') + 1;
    const file = path.slice(slash);
    return { name: decodeURIComponent(file), tree: new HttpTree(source, url.origin + path.slice(0, slash), reading, search), gguf: file };
  }
  const folder = path.endsWith('/') ? path : `${path}/`;
  return {
    name: decodeURIComponent(folder.split('/').at(-2) || url.host),
    tree: new HttpTree(source, url.origin + folder, reading, search),
    gguf: null,
  };
}

function resolveFiles(files: readonly File[]): ResolvedSource {
  const tree = new DroppedTree(files);
  const paths = tree.paths();
  if (paths.includes('config.json') || paths.includes('adapter_config.json')) return { name: tree.label, tree, gguf: null };
  const ggufs = paths.filter((path) => path.toLowerCase().endsWith('.gguf'));
  const [only] = ggufs;
  if (ggufs.length > 1)
    throw new SourceError(
      `dropped files: expected one .gguf, got ${ggufs.length}.`,
      'Drop one file; join a split model with llama-gguf-split first.',
    );
  if (only) return { name: only.replace(/^.*\//, '').replace(/\.gguf$/i, ''), tree, gguf: only };
  return { name: tree.label, tree, gguf: null };
}
