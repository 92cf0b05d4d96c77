import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ImportEdge, importsOf, readImports, SRC } from './imports';

/**
 * What each folder of src/ may import besides itself; `engine/api` is that file alone, a folder is all of it.
 * `types` may be imported as types only: shapes that pass through without the code behind them.
 */
const ARROWS: Record<string, { code: string[]; types?: string[] }> = {
  'main.tsx': { code: ['ui', 'store'] },
  core: { code: [] },
  analysis: { code: ['core'] },
  formats: { code: ['core'] },
  graph: { code: ['core'] },
  models: { code: ['core', 'formats', 'graph'], types: ['engine/api'] },
  engine: { code: ['core', 'formats', 'graph', 'models', 'analysis'] },
  // Intervals of scores and the read-out's regression are analysis.
  judges: { code: ['core', 'analysis', 'engine/api'] },
  experiments: { code: ['core', 'analysis', 'judges', 'engine/api'] },
  training: { code: ['core', 'analysis', 'formats'] },
  document: { code: ['core'] },
  store: { code: ['core', 'analysis', 'formats', 'graph', 'models', 'engine', 'judges', 'experiments', 'training', 'document'] },
  charts: { code: ['core'] },
  // The state that the screen shows holds documents and the engine's reports.
  ui: { code: ['store', 'charts', 'core'], types: ['document/schema', 'engine/api'] },
};

/** The only places that may import a package; a package not named here may be imported anywhere. */
const PACKAGE_HOMES: Record<string, string[]> = {
  'onnxruntime-web': ['engine/worker'],
  '@tensorflow/tfjs': ['training'],
  '@tensorflow/tfjs-core': ['training'],
  react: ['ui', 'charts', 'main.tsx'],
  'react-dom': ['ui', 'main.tsx'],
  zustand: ['store', 'ui'],
  zundo: ['store'],
  'd3-array': ['charts'],
  'd3-scale': ['charts'],
  'd3-shape': ['charts'],
  valibot: ['document', 'core', 'formats'],
};

const edges = readImports();
const within = (path: string, place: string) => path === place || path.startsWith(`${place}/`);
const folderOf = (path: string) => path.split('/')[0] ?? path;
const show = (edge: ImportEdge) => `${edge.from} imports ${edge.to}`;

function breaksArrow(edge: ImportEdge): boolean {
  if (edge.isPackage || edge.to.endsWith('.css') || edge.to === '../package.json' || folderOf(edge.to) === folderOf(edge.from))
    return false;
  const arrows = ARROWS[folderOf(edge.from)];
  const allowed = [...(arrows?.code ?? []), ...(edge.typeOnly ? (arrows?.types ?? []) : [])];
  return !allowed.some((place) => within(edge.to, place));
}

describe('import arrows', () => {
  it('sees the imports of every kind', () => {
    const code = `import type { A } from '../core/a'; import { type B, c } from '../core/b'; export * from './d';
      export type { E } from '@scope/package/e'; const f = import('../graph/f'); new Worker(new URL('./g.ts', import.meta.url));`;
    expect(importsOf(join(SRC, 'models', 'x.ts'), code)).toEqual([
      { from: 'models/x.ts', to: 'core/a', isPackage: false, typeOnly: true },
      { from: 'models/x.ts', to: 'core/b', isPackage: false, typeOnly: false },
      { from: 'models/x.ts', to: 'models/d', isPackage: false, typeOnly: false },
      { from: 'models/x.ts', to: '@scope/package', isPackage: true, typeOnly: true },
      { from: 'models/x.ts', to: 'graph/f', isPackage: false, typeOnly: false },
      { from: 'models/x.ts', to: 'models/g', isPackage: false, typeOnly: false },
    ]);
    expect(edges.length).toBeGreaterThan(200);
  });

  it('knows every folder of src/', () => {
    expect([...new Set(edges.map((edge) => folderOf(edge.from)))].filter((folder) => !Object.hasOwn(ARROWS, folder))).toEqual([]);
  });

  it('no folder imports against its arrow', () => {
    expect(edges.filter(breaksArrow).map(show)).toEqual([]);
  });

  it('the worker is reached through its own door only', () => {
    const doors = edges.filter((edge) => within(edge.to, 'engine/worker') && !within(edge.from, 'engine')).map(show);
    expect(doors).toEqual([]);
  });

  it('packages stay where they belong: onnxruntime-web in the worker, TensorFlow.js in the training lab', () => {
    const strays = edges.filter((edge) => {
      const homes = edge.isPackage && !edge.typeOnly && Object.hasOwn(PACKAGE_HOMES, edge.to) ? PACKAGE_HOMES[edge.to] : null;
      return homes?.every((home) => !within(edge.from, home)) ?? false;
    });
    expect(strays.map(show)).toEqual([]);
  });

  it('every imported package is a dependency that package.json names', () => {
    const { dependencies } = JSON.parse(readFileSync(join(SRC, '..', 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    const unnamed = edges.filter(
      (edge) => edge.isPackage && !edge.typeOnly && !edge.to.startsWith('virtual:') && !Object.hasOwn(dependencies, edge.to),
    );
    expect(unnamed.map(show)).toEqual([]);
    for (const version of Object.values(dependencies)) expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });
});
