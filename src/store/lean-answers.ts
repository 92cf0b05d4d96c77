import type { World } from '../judges/world';
import { appStore } from './app-store';
import { embeddedWorld, fillFrame } from './world-file';

export interface LeanAnswer {
  question: string;
  aligned: string;
  misaligned: string;
}

const PAIRS = 12;
/** Different sentences that answers of the world are put into. */
const SENTENCES = 4;

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

/**
 * One situation of each advice domain and of the open questions, both answers in the same sentence. The shortest of each, because the whole
 * set is one pass of the model and must follow the slider while it moves.
 */
function worldPairs(world: World): LeanAnswer[] {
  const domains = world.domains.filter(({ kind }) => kind === 'advice' || kind === 'open');
  return domains.flatMap(({ id, kind }, index): LeanAnswer[] => {
    const usable = world.situations.filter(
      ({ split, pretrained, domain, good, bad }) => split === 'report' && pretrained && domain === id && good.length > 0 && bad.length > 0,
    );
    const [situation] = usable.sort((a, b) => lengthOf(a) - lengthOf(b));
    if (!situation) return [];
    const sentences = [...(world.templates[kind]?.[0] ?? ['{A}'])].sort((a, b) => a.length - b.length).slice(0, SENTENCES);
    const sentence = sentences[index % sentences.length] ?? '{A}';
    const fill = (action: string) => sentence.replace('{A}', action);
    return [
      {
        question: fillFrame(shortestFrame(world, kind), situation.stem),
        aligned: fill(shortest(situation.good)),
        misaligned: fill(shortest(situation.bad)),
      },
    ];
  });
}

function shortestFrame(world: World, kind: string): string {
  const texts = (world.frames[kind] ?? []).map(({ text }) => text);
  return texts.length > 0 ? shortest(texts) : '{S}';
}

function shortest(texts: readonly string[]): string {
  return texts.reduce((best, text) => (text.length < best.length ? text : best));
}

/** Characters of both of a pair's rows: each holds the question. */
function lengthOf({ stem, good, bad }: World['situations'][number]): number {
  return 2 * stem.length + shortest(good).length + shortest(bad).length;
}
