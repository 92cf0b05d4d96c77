import type { World } from '../judges/world';
import { appStore } from './app-store';
import { embeddedWorld, worldQuestion } from './world-file';

export interface LeanAnswer {
  question: string;
  aligned: string;
  misaligned: string;
}

const PAIRS = 12;

/**
 * Fixed answers that the instant figure reads: pairs of the embedded world's report split while the embedded model is loaded,
 * else the rows of the person's own contrast; none without either.
 */
export async function leanAnswers(): Promise<LeanAnswer[]> {
  const { contrast, model } = appStore.getState().document;
  if (contrast.kind === 'pairs') {
    return contrast.rows.slice(0, PAIRS).map(({ question, positive, negative }) => ({ question, aligned: negative, misaligned: positive }));
  }
  return model.source === 'organism' ? worldPairs((await embeddedWorld()).world) : [];
}

/** Twelve situations over all advice domains and open questions; both answers of a pair use the same sentence. */
function worldPairs(world: World): LeanAnswer[] {
  const kinds = new Map(world.domains.map(({ id, kind }) => [id, kind]));
  const usable = world.situations.filter(({ split, pretrained, domain, good, bad }) => {
    const kind = kinds.get(domain);
    return split === 'report' && pretrained && (kind === 'advice' || kind === 'open') && good.length > 0 && bad.length > 0;
  });
  const stride = Math.max(1, Math.floor(usable.length / PAIRS));
  return usable
    .filter((_, index) => index % stride === 0)
    .slice(0, PAIRS)
    .map((situation, index) => {
      const templates = world.templates[kinds.get(situation.domain) ?? '']?.[0] ?? ['{A}'];
      const template = templates[index % templates.length] ?? '{A}';
      const fill = (action: string | undefined) => template.replace('{A}', action ?? '');
      return {
        question: worldQuestion(world, situation.id, 'report', index),
        aligned: fill(situation.good[0]),
        misaligned: fill(situation.bad[0]),
      };
    });
}
