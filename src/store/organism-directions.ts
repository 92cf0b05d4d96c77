import { buildDirection } from '../analysis/direction-builder';
import { toDirectionRecord } from '../document/direction-record';
import { ENGINE_VERSION } from '../engine/api';
import { readContrast, sampledContrast } from '../experiments/contrast';
import { appStore, recordInDocument, runTask } from './app-store';
import { messagesFor, runOptionsFor } from './condition-run';
import { refreshDirections } from './direction-actions';
import { theEngine } from './engine-handle';
import { findQuestionSet } from './question-actions';
import { currentJudge } from './scoring';
import { sha256Hex } from './text-hash';

/**
 * Directions of the embedded model's other organisms at the same hook point and by the same recipe, each from its own answers,
 * so that their cosines show whether different fine-tunes found the same direction.
 */
export async function keepOrganismDirections(adapterNames: readonly string[]): Promise<void> {
  await runTask('Other organisms', 'answers', async ({ signal, progress }) => {
    const { document, runtime } = appStore.getState();
    const { modelInfo } = runtime;
    const judge = currentJudge();
    const base = document.conditions.find(
      ({ interventionIds, adapterScales }) => interventionIds.length === 0 && Object.values(adapterScales).every((scale) => scale === 0),
    );
    if (!modelInfo || !judge || !base || document.contrast.kind !== 'sampled') return;
    const { contrast, directionSettings, sampling } = document;
    const { hookPoint, tokens, pool, definition } = directionSettings;
    const plan = {
      ...sampling,
      questions: (await findQuestionSet(contrast.questionSetId)).items,
      samplesPerQuestion: contrast.samplesPerQuestion,
      seed: contrast.seed,
    };
    const messages = (question: string) => messagesFor(base, question);
    for (const [index, name] of adapterNames.entries()) {
      const sides = {
        positive: { options: { adapterScales: { [name]: 1 } }, messages },
        negative: { options: runOptionsFor(document, base, []), messages },
      };
      const sampled = await sampledContrast(theEngine(), modelInfo.modelId, judge, sides, plan, contrast, { signal });
      const reading = await readContrast(theEngine(), modelInfo.modelId, sampled, [hookPoint], tokens, { signal });
      const read = reading.sides[hookPoint];
      if (!read) continue;
      const adapter = modelInfo.adapters.find((candidate) => candidate.name === name);
      const direction = buildDirection(
        {
          id: name,
          name: name.replace(/^bad-/, ''),
          hookPoint,
          ...read,
          recipe: {
            tokens,
            contrast: `misaligned answers of ${name} against aligned answers of ${base.name}, balanced by question`,
            contrastSha256: await sha256Hex(JSON.stringify(sampled.rows.map(({ positive, text }) => [positive, text]))),
            seed: contrast.seed,
            modelSha256: modelInfo.sha256,
            adapters: [{ name, sha256: adapter?.sha256 ?? '', scale: 1 }],
            weights: modelInfo.weights,
            engineVersion: ENGINE_VERSION,
          },
        },
        { pool, definition },
      );
      recordInDocument((current) => ({
        ...current,
        directions: [...current.directions.filter(({ id }) => id !== name), toDirectionRecord(direction)],
      }));
      refreshDirections();
      progress(index + 1, adapterNames.length);
    }
  });
}
