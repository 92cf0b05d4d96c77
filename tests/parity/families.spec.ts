import { join } from 'node:path';
import { compareGreedy, type ReferenceTensor, readReference, relativeError, withoutPads } from './support/compare';
import { droppedFolder, type EditCase, expect, FIXTURE_FOLDER, FIXTURES, readCases, test } from './support/fixtures';
import type { ForwardAnswer } from './support/vane-page';

const BOUND = 1e-5;
const ADAPTERS = ['rank1', 'rslora', 'patterns', 'regex'];

type Reference = Map<string, ReferenceTensor>;

function tensor(reference: Reference, name: string): ReferenceTensor {
  const found = reference.get(name);
  if (!found) throw new Error(`reference.safetensors: expected ${name}`);
  return found;
}

/** Relative error of each read hook point against `prefix/HOOK`. */
function hookPointErrors(answer: ForwardAnswer, reference: Reference, prefix: string): Array<[string, number]> {
  return [...answer.activations].map(([name, got]) => [
    name,
    relativeError(withoutPads(got, answer.lengths), tensor(reference, `${prefix}/${name}`).data),
  ]);
}

/** Logits of each row's last token, `[rows, vocab]`. */
function lastLogits(answer: ForwardAnswer): Float32Array {
  return answer.logits?.data ?? new Float32Array();
}

/** The case's interventions with their directions written out. */
function interventionsOf(edit: EditCase, reference: Reference) {
  return edit.interventions.map((item) => ({ ...item, direction: [...tensor(reference, `direction/${item.direction}`).data] }));
}

for (const fixture of FIXTURES) {
  const cases = readCases(fixture);
  const reference = readReference(join(FIXTURE_FOLDER, fixture, 'reference.safetensors'));

  test.describe(`${fixture}: ${cases.traits}`, () => {
    test.beforeAll(async ({ vane, host, backend }) => {
      const adapters = cases.adapters
        ? ADAPTERS.map((name) => ({ name, source: `${host.origin}/fixtures/${fixture}/adapters/${name}/` }))
        : [];
      // One backend takes dropped files, the other the address: both ways in are covered by every checkpoint.
      const address = `${host.origin}/fixtures/${fixture}/${fixture.startsWith('gguf') ? 'model.gguf' : ''}`;
      const source = backend === 'wasm' ? droppedFolder(fixture, host.origin) : address;
      const info = await vane.load(fixture, { source, backend, weights: 'f32', adapters });
      expect(info).toMatchObject({ backend, weights: 'f32', adapters: adapters.map(({ name }) => name) });
    });
    test.afterAll(async ({ vane }) => vane.dispose(fixture));

    test('every hook point and the logits', async ({ vane, figures }) => {
      const everywhere = [
        'hook_embed',
        'blocks.*.hook_resid_pre',
        'blocks.*.hook_resid_mid',
        'blocks.*.hook_resid_post',
        'ln_final.hook_normalized',
      ];
      const answer = await vane.forward(fixture, cases.rows, { hookPoints: everywhere, logits: 'all' });
      expect(answer.lengths).toEqual(cases.rows.map((row) => row.length));
      const expected = [...reference.keys()]
        .filter((name) => name.startsWith('base/') && name !== 'base/logits')
        .map((name) => name.slice(5));
      expect([...answer.activations.keys()].sort()).toEqual(expected.sort());
      for (const [name, error] of hookPointErrors(answer, reference, 'base')) {
        expect.soft(figures.largest(`${fixture} hook points`, error), name).toBeLessThanOrEqual(BOUND);
      }
      if (!answer.logits) throw new Error('expected logits');
      const logitError = relativeError(withoutPads(answer.logits, answer.lengths), tensor(reference, 'base/logits').data);
      expect.soft(figures.largest(`${fixture} logits`, logitError), 'logits').toBeLessThanOrEqual(BOUND);
    });

    test('greedy continuation', async ({ vane }) => {
      for (const [row, ids] of cases.rows.entries()) {
        const greedy = cases.greedy[row];
        if (!greedy) throw new Error('cases.json: expected a greedy continuation for each row');
        const { answers } = await vane.generate(fixture, ids, { temperature: 0, maxNewTokens: 32 });
        const verdict = compareGreedy(answers[0]?.ids ?? [], greedy);
        expect.soft(verdict, `row ${row}: got ${answers[0]?.ids}, expected ${greedy.ids}`).toMatchObject({ agrees: true });
      }
    });

    if (cases.edits) {
      test('edits', async ({ vane, figures }) => {
        for (const [index, edit] of (cases.edits ?? []).entries()) {
          const interventions = interventionsOf(edit, reference);
          const options = { hookPoints: edit.reads, logits: 'last' as const, interventions, promptLengths: cases.promptLengths };
          const answer = await vane.forward(fixture, cases.rows, options);
          for (const [name, error] of hookPointErrors(answer, reference, `edit/${index}`)) {
            expect.soft(figures.largest(`${fixture} edits`, error), `${edit.name}: ${name}`).toBeLessThanOrEqual(BOUND);
          }
          const logitError = relativeError(lastLogits(answer), tensor(reference, `edit/${index}/logits`).data);
          expect.soft(figures.largest(`${fixture} edits`, logitError), `${edit.name}: logits`).toBeLessThanOrEqual(BOUND);
        }
      });

      test('greedy continuation under edits', async ({ vane }) => {
        for (const edit of cases.edits ?? []) {
          for (const [row, greedy] of (edit.greedy ?? []).entries()) {
            const options = { temperature: 0, maxNewTokens: 12, interventions: interventionsOf(edit, reference) };
            const { answers } = await vane.generate(fixture, cases.rows[row] ?? [], options);
            expect.soft(compareGreedy(answers[0]?.ids ?? [], greedy), `${edit.name}, row ${row}`).toMatchObject({ agrees: true });
          }
        }
      });
    }

    if (cases.adapters) {
      test('adapters', async ({ vane, figures }) => {
        for (const [index, adapter] of (cases.adapters ?? []).entries()) {
          const label = JSON.stringify(adapter.scales);
          const answer = await vane.forward(fixture, cases.rows, {
            hookPoints: adapter.reads,
            logits: 'last',
            adapterScales: adapter.scales,
          });
          for (const [name, error] of hookPointErrors(answer, reference, `adapter/${index}`)) {
            expect.soft(figures.largest(`${fixture} adapters`, error), `${label}: ${name}`).toBeLessThanOrEqual(BOUND);
          }
          const logitError = relativeError(lastLogits(answer), tensor(reference, `adapter/${index}/logits`).data);
          expect.soft(figures.largest(`${fixture} adapters`, logitError), `${label}: logits`).toBeLessThanOrEqual(BOUND);
          for (const [row, greedy] of (adapter.greedy ?? []).entries()) {
            const options = { temperature: 0, maxNewTokens: 12, adapterScales: adapter.scales };
            const { answers } = await vane.generate(fixture, cases.rows[row] ?? [], options);
            expect.soft(compareGreedy(answers[0]?.ids ?? [], greedy), `${label}, row ${row}`).toMatchObject({ agrees: true });
          }
        }
      });
    }
  });
}
