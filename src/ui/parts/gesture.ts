import { useEffect } from 'react';

/** Changes by key within this time of each other are one gesture. */
const KEYS_GAP_MS = 1_000;

/** Tells which changes are one gesture, and so one step of undo: all of a drag, however long it rests, or keys that follow one another. */
export class Gestures {
  private count = 0;
  private lastMs = Number.NEGATIVE_INFINITY;
  private isHeld = false;
  private wasPressed = false;

  /** A finger or a mouse button goes down: a new gesture, until it goes up. */
  press(): void {
    this.count++;
    this.isHeld = true;
    this.wasPressed = true;
  }

  release(): void {
    this.isHeld = false;
  }

  /** A key goes down: what a pointer did before is another gesture, even where it was let go of unseen. */
  key(): void {
    if (this.wasPressed) this.count++;
    this.isHeld = false;
    this.wasPressed = false;
  }

  /** The gesture that a change at `nowMs` belongs to; the changes of `subject` that are named alike join into one step of undo. */
  name(subject: string, nowMs: number): string {
    if (!this.isHeld && nowMs - this.lastMs > KEYS_GAP_MS) this.count++;
    this.lastMs = nowMs;
    return `${subject} ${this.count}`;
  }
}

const gestures = new Gestures();

/** Name of the gesture that a change of `subject` belongs to now, for `editDocument` and its like. */
export function gestureOf(subject: string): string {
  return gestures.name(subject, performance.now());
}

/** Follows where gestures begin and end on the page; once for the whole screen. */
export function useGestures(): void {
  useEffect(() => {
    const press = () => gestures.press();
    const release = () => gestures.release();
    const key = () => gestures.key();
    document.addEventListener('pointerdown', press, true);
    document.addEventListener('pointerup', release, true);
    document.addEventListener('pointercancel', release, true);
    document.addEventListener('keydown', key, true);
    return () => {
      document.removeEventListener('pointerdown', press, true);
      document.removeEventListener('pointerup', release, true);
      document.removeEventListener('pointercancel', release, true);
      document.removeEventListener('keydown', key, true);
    };
  }, []);
}
