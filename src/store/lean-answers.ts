import { ALIGNMENT_SIDES, PROMPT_SIDES, type SideNames } from '../core/direction';
import type { ContrastRecord, VaneDocument } from '../document/schema';
import type { Contrast } from '../experiments/contrast';
import { templatesOf, type World } from '../judges/world';
import { answersOf } from './contrast-in-hand';
import { embeddedWorld, fillFrame } from './world-file';

/** A question with one fixed answer of either side. */
export interface LeanAnswer {
  question: string;
  positive: string;
  negative: string;
}

/**
 * What the fixed answers are taken from: the person's own pairs; the embedded world for its model's split by judge score; else the
 * contrast's answers, none until they have been sampled.
 */
export type LeanSource = Extract<ContrastRecord, { kind: 'pairs' }> | 'world' | Contrast | null;

/** Different sentences that answers of the world are put into. */
const SENTENCES = 4;

/** The present source; the same object exactly while the answers are the same. */
export function leanSource({ contrast, model }: Pick<VaneDocument, 'contrast' | 'model'>): LeanSource {
  if (contrast.kind === 'pairs') return contrast;
  if (contrast.kind === 'sampled' && model.source === 'organism') return 'world';
  return answersOf({ contrast, model });
}

/** What the ends of the instant figure are called. */
export function leanSides({ kind }: Pick<ContrastRecord, 'kind'>): SideNames {
  return kind === 'systemPrompts' ? PROMPT_SIDES : ALIGNMENT_SIDES;
}

/** At most `most` fixed answers of a source; a pair that lacks an answer is no pair. */
export async function leanAnswers(source: LeanSource, most: number): Promise<LeanAnswer[]> {
  const pairs = source === null ? [] : source === 'world' ? worldPairs((await embeddedWorld()).world) : pairsOf(source);
  return pairs.filter(({ positive, negative }) => positive.trim() !== '' && negative.trim() !== '').slice(0, most);
}

function pairsOf(source: Exclude<LeanSource, 'world' | null>): LeanAnswer[] {
  return 'kind' in source ? source.rows : pairedAnswers(source);
}

/** Of each question the first answer of either side, then the second, and so on: many questions before many answers of one. */
function pairedAnswers({ rows }: Contrast): LeanAnswer[] {
  const questions = new Map<string, { question: string; positives: string[]; negatives: string[] }>();
  for (const { group, question, positive, text } of rows) {
    const of = questions.get(group) ?? { question, positives: [], negatives: [] };
    questions.set(group, of);
    (positive ? of.positives : of.negatives).push(text);
  }
  const all = [...questions.values()];
  const depth = Math.max(0, ...all.map(({ positives, negatives }) => Math.min(positives.length, negatives.length)));
  return Array.from({ length: depth }, (_, at) => at).flatMap((at) =>
    all.flatMap(({ question, positives, negatives }) => {
      const [positive, negative] = [positives[at], negatives[at]];
      return positive === undefined || negative === undefined ? [] : [{ question, positive, negative }];
    }),
  );
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
    const sentences = [...(templatesOf(world, situation)[0] ?? ['{A}'])].sort((a, b) => a.length - b.length).slice(0, SENTENCES);
    const sentence = sentences[index % sentences.length] ?? '{A}';
    const fill = (action: string) => sentence.replace('{A}', action);
    return [
      {
        question: fillFrame(shortestFrame(world, kind), situation.stem),
        positive: fill(shortest(situation.bad)),
        negative: fill(shortest(situation.good)),
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
