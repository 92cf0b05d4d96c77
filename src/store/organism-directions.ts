import { toDirectionRecord } from '../document/direction-record';
import { readContrast, sampledContrast, withTokenDeviations } from '../experiments/contrast';
import { appStore, recordInDocument, runTask } from './app-store';
import { runOptionsFor } from './condition-run';
import { refreshDirections, withDirection } from './direction-actions';
import { contrastSha256, directionFrom, directionName } from './direction-recipe';
import { theEngine } from './engine-handle';
import { presentJudge } from './judge-actions';
import { findQuestionSet } from './question-actions';

/**
 * Directions of the embedded model's other organisms at the same hook point and by the same recipe, each from its own answers,
 * so that their cosines show whether different fine-tunes found the same direction.
 */
export async function keepOrganismDirections(adapterNames: readonly string[]): Promise<void> {
  await runTask('Other organisms', 'answers', async ({ signal, progress }) => {
    const judge = await presentJudge(signal);
    const { document, runtime } = appStore.getState();
    const { modelInfo } = runtime;
    const base = document.conditions.find(
      ({ interventionIds, adapterScales }) => interventionIds.length === 0 && Object.values(adapterScales).every((scale) => scale === 0),
    );
    if (!modelInfo || !judge || !base || document.contrast.kind !== 'sampled') return;
    const { contrast, directionSettings, sampling } = document;
    const { hookPoint, tokens } = directionSettings;
    const plan = {
      ...sampling,
      questions: (await findQuestionSet(contrast.questionSetId)).items,
      samplesPerQuestion: contrast.samplesPerQuestion,
      seed: contrast.seed,
    };
    const negative = { id: base.id, name: base.name, systemPrompt: base.systemPrompt, ...runOptionsFor(document, base, []) };
    for (const [index, name] of adapterNames.entries()) {
      const adapterScales = { [name]: 1 };
      const sides = { positive: { ...negative, id: name, name, adapterScales }, negative };
      const sampled = await sampledContrast(theEngine(), modelInfo.modelId, judge, sides, plan, contrast, { signal });
      const reading = await readContrast(theEngine(), modelInfo.modelId, sampled, [hookPoint], tokens, { signal });
      const read = reading.sides[hookPoint];
      if (!read) continue;
      const direction = directionFrom({
        id: name,
        name: directionName(name),
        hookPoint,
        settings: directionSettings,
        read,
        contrast: `misaligned answers of ${name} against aligned answers of ${base.name}, balanced by question`,
        contrastSha256: await contrastSha256(reading.contrast),
        seed: contrast.seed,
        adapterScales,
      });
      const [measured = direction] = await withTokenDeviations(theEngine(), modelInfo.modelId, reading.contrast, [direction], { signal });
      const record = toDirectionRecord(measured);
      recordInDocument((current) => withDirection(current, record));
      refreshDirections();
      progress(index + 1, adapterNames.length);
    }
  });
}
