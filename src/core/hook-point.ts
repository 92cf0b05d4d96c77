import { ArgumentError } from './errors';

/** A place in the residual stream, parsed from its TransformerLens name. */
export type HookPoint = { kind: 'embed' } | { kind: 'resid'; block: number; site: 'pre' | 'mid' | 'post' } | { kind: 'final' };

const BLOCK_NAME = /^blocks\.([0-9*,\s-]+)\.hook_resid_(pre|mid|post)$/;
const NAMES = 'hook_embed, blocks.N.hook_resid_pre|mid|post, ln_final.hook_normalized';

/** The TransformerLens name of a hook point, such as `blocks.12.hook_resid_post`. */
export function hookPointName(point: HookPoint): string {
  if (point.kind === 'embed') return 'hook_embed';
  if (point.kind === 'final') return 'ln_final.hook_normalized';
  return `blocks.${point.block}.hook_resid_${point.site}`;
}

/** Parses one name. @throws ArgumentError when it names no single hook point of a model with `nLayers` blocks. */
export function parseHookPoint(name: string, nLayers: number): HookPoint {
  const expanded = expandHookPoints(name, nLayers);
  const [first] = expanded;
  if (expanded.length !== 1 || first === undefined) {
    throw new ArgumentError(`hook point "${name}": expected one hook point, got ${expanded.length}.`, `Use one of ${NAMES}.`);
  }
  return toHookPoint(first);
}

function toHookPoint(name: string): HookPoint {
  if (name === 'hook_embed') return { kind: 'embed' };
  if (name === 'ln_final.hook_normalized') return { kind: 'final' };
  const match = BLOCK_NAME.exec(name);
  return { kind: 'resid', block: Number(match?.[1]), site: match?.[2] as 'pre' | 'mid' | 'post' };
}

/**
 * Expands names and ranges to single hook points in the order given, without repeats.
 * `blocks.*.hook_resid_post`, `blocks.4-8.hook_resid_post` and `blocks.4-8,11.hook_resid_post` are ranges.
 * @throws ArgumentError for an unknown name, an empty range or a block outside 0..nLayers-1.
 */
export function expandHookPoints(patterns: string | readonly string[], nLayers: number): string[] {
  const names = typeof patterns === 'string' ? [patterns] : patterns;
  const found = new Set<string>();
  for (const name of names) {
    if (name === 'hook_embed' || name === 'ln_final.hook_normalized') {
      found.add(name);
      continue;
    }
    const match = BLOCK_NAME.exec(name);
    if (!match) throw new ArgumentError(`hook point: expected a known name, got "${name}".`, `Use one of ${NAMES}.`);
    for (const block of expandBlocks(match[1] ?? '', nLayers)) found.add(`blocks.${block}.hook_resid_${match[2]}`);
  }
  return [...found];
}

/**
 * Expands a block range such as `4-8, 11` or `*` to block indices, in the order given.
 * @throws ArgumentError for text that is no range or a block outside 0..nLayers-1.
 */
export function expandBlocks(range: string, nLayers: number): number[] {
  const blocks: number[] = [];
  for (const part of range.split(',').map((piece) => piece.trim())) {
    if (part === '*') {
      for (let block = 0; block < nLayers; block++) blocks.push(block);
      continue;
    }
    const match = /^(\d{1,4})(?:\s*-\s*(\d{1,4}))?$/.exec(part);
    const first = Number(match?.[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (!match || last < first || last >= nLayers) {
      throw new ArgumentError(
        `block range "${range}": expected blocks within 0-${nLayers - 1}, got "${part}".`,
        'Write a range like 4-8, 11.',
      );
    }
    for (let block = first; block <= last; block++) blocks.push(block);
  }
  return [...new Set(blocks)];
}
