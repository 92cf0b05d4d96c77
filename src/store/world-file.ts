import { remembered } from '../core/remembered';
import { parseWorld, type World, WorldGrammar } from '../judges/world';
import { ownFile } from './own-file';

/** The embedded world with its grammar, read once. @throws SourceError when the page's own file cannot be had. */
export const embeddedWorld = remembered(async () => {
  const response = await ownFile('models/organism/world.json');
  return new WorldGrammar(parseWorld(await response.json()));
});

/** A question of the world: a frame of its kind filled with the situation's stem. */
export function worldQuestion(world: World, situationId: string, frameSplit: string, pick: number): string {
  const situation = world.situations.find(({ id }) => id === situationId);
  const kind = world.domains.find(({ id }) => id === situation?.domain)?.kind ?? '';
  const frames = (world.frames[kind] ?? []).filter(({ split }) => split === frameSplit);
  const stem = situation?.stem ?? '';
  const frame = frames[pick % Math.max(1, frames.length)]?.text ?? '{S}';
  return fillFrame(frame, stem);
}

/** A question: the frame with the situation's stem in its slot, capitalised where the frame begins a sentence with it. */
export function fillFrame(frame: string, stem: string): string {
  return frame.replace('{S}', stem.slice(0, 1).toUpperCase() + stem.slice(1)).replace('{s}', stem);
}
