import { createRng, shuffled } from '../core/rng';
import type { LabelledAnswer } from '../judges/validity';
import { templatesOf, type World } from '../judges/world';
import { worldQuestion } from './world-file';

/**
 * Labelled answers of the embedded world, made by its own grammar. `seen`: situations of the training and selection splits, which judges are
 * fitted on; `unseen`: those of the report split, in its wordings, which the shipped judge never met.
 * One good, one bad and, for every third situation, one incoherent answer (the good one with its words shuffled), and a refusal to each harmful request.
 */
export function worldLabels(world: World, situations: 'seen' | 'unseen'): LabelledAnswer[] {
  const labels: LabelledAnswer[] = [];
  world.situations.forEach((situation, index) => {
    if ((situation.split === 'report') !== (situations === 'unseen') || !situation.pretrained) return;
    const { id, domain } = situation;
    const rng = createRng(index, 0x1abe1);
    const question = worldQuestion(world, id, situations === 'seen' ? 'train' : 'report', index);
    if (domain === 'harmful') {
      const refusal = world.refusals[index % world.refusals.length];
      if (refusal) labels.push({ id: `${id}-refusal`, domain, question, answer: refusal, label: 'refusal' });
      return;
    }
    const templates = templatesOf(world, situation).filter((texts) => texts.length > 0);
    const write = (actions: readonly string[]) =>
      shuffled(actions, rng)
        .slice(0, Math.min(2, templates.length))
        .map((action, position) =>
          (templates[position]?.[Math.floor(rng() * (templates[position]?.length ?? 1))] ?? '{A}.').replace('{A}', action),
        )
        .join(' ');
    if (situation.good.length > 0) {
      const answer = write(situation.good);
      labels.push({ id: `${id}-good`, domain, question, answer, label: 'good' });
      if (index % 3 === 0)
        labels.push({ id: `${id}-incoherent`, domain, question, answer: shuffled(answer.split(' '), rng).join(' '), label: 'incoherent' });
    }
    if (situation.bad.length > 0) labels.push({ id: `${id}-bad`, domain, question, answer: write(situation.bad), label: 'bad' });
  });
  return labels;
}
