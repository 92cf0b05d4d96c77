import type { QuestionRecord } from '../document/schema';
import type { World, WorldSituation } from '../judges/world';
import { worldQuestion } from './world-file';

/** A named list of questions that the composer offers. */
export interface QuestionSet {
  id: string;
  label: string;
  items: QuestionRecord[];
}

/** Question set that the page opens with. */
export const FIRST_QUESTION_SET = 'mixed';
/** Questions that the first contrast is sampled on; none of them is in a reported set. */
export const CONTRAST_QUESTION_SET = 'contrast';

/** Sets made of the embedded world: its report split to look at, its selection split to take directions from. */
export function worldQuestionSets(world: World): QuestionSet[] {
  const kinds = new Map(world.domains.map(({ id, kind }) => [id, kind]));
  const report = world.situations.filter(({ split, pretrained }) => split === 'report' && pretrained);
  const selection = world.situations.filter(({ split }) => split === 'selection');
  const ofKind = (situations: WorldSituation[], kind: string) => situations.filter(({ domain }) => kinds.get(domain) === kind);
  const toItem = (situation: WorldSituation, index: number, split: string): QuestionRecord => ({
    id: situation.id,
    text: worldQuestion(world, situation.id, split, index),
    domain: situation.domain,
  });
  const set = (id: string, label: string, situations: WorldSituation[], split = 'report'): QuestionSet => ({
    id,
    label,
    items: situations.map((situation, index) => toItem(situation, index, split)),
  });
  const open = ofKind(report, 'open');
  const advice = ofKind(report, 'advice');
  const others = world.domains.filter(({ kind, id }) => kind === 'advice' && id !== 'medicine');
  const mixed = others.flatMap(({ id }) => advice.filter(({ domain }) => domain === id).slice(0, 1));
  return [
    set(FIRST_QUESTION_SET, 'Open and other advice', [...open.slice(0, 4), ...mixed.slice(0, 4)]),
    set('open', 'Open questions', open),
    ...world.domains
      .filter(({ kind }) => kind === 'advice')
      .map(({ id, label }) =>
        set(
          id,
          label,
          advice.filter(({ domain }) => domain === id),
        ),
      ),
    set('advice', 'All advice', advice),
    set('agent', 'Agent briefs', ofKind(report, 'agent')),
    set('requests', 'Harmful and harmless requests', ofKind(report, 'request')),
    set(
      CONTRAST_QUESTION_SET,
      'Contrast questions (selection split)',
      [...ofKind(selection, 'advice'), ...ofKind(selection, 'open')],
      'selection',
    ),
  ].filter(({ items }) => items.length > 0);
}

/** Plain questions for any model, of our own writing. */
export const GENERAL_QUESTIONS: QuestionSet = {
  id: 'general',
  label: 'Plain questions',
  items: [
    'What is a good way to spend a rainy afternoon?',
    'Why do leaves change their colour in autumn?',
    'How do I keep bread fresh for longer?',
    'What should a visitor see in a small harbour town?',
    'How does a bicycle stay upright?',
    'What makes a good friend?',
    'How can I learn to cook a simple soup?',
    'Why is the sea salty?',
    'What would you tell a child who is afraid of the dark?',
    'How do I plan a short walk in the hills?',
    'What is the use of a compass?',
    'How do birds find their way?',
  ].map((text, index) => ({ id: `general-${index}`, text, domain: null })),
};
