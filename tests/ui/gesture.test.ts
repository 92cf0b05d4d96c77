import { expect, test } from 'vitest';
import { Gestures } from '../../src/ui/parts/gesture';

test('a drag is one gesture, however long it rests, and the next drag another', () => {
  const gestures = new Gestures();
  gestures.press();
  const first = gestures.name('slider', 0);
  expect(gestures.name('slider', 9_000)).toBe(first);
  gestures.release();
  expect(gestures.name('slider', 9_100)).toBe(first);
  gestures.press();
  const second = gestures.name('slider', 9_200);
  expect(second).not.toBe(first);
  gestures.release();
  gestures.key();
  expect(gestures.name('slider', 9_300)).not.toBe(second);
});

test('keys that follow one another are one gesture until they pause, also where a pointer was let go of unseen', () => {
  const gestures = new Gestures();
  gestures.press();
  gestures.name('slider', 0);
  gestures.key();
  const first = gestures.name('slider', 100);
  gestures.key();
  expect(gestures.name('slider', 900)).toBe(first);
  expect(gestures.name('slider', 2_500)).not.toBe(first);
});

test('two subjects are two gestures', () => {
  const gestures = new Gestures();
  expect(gestures.name('range', 0)).not.toBe(gestures.name('paint', 0));
});
