import type { Judge, JudgeOptions, JudgeRow, ScoreKind, Scores } from './judge';
import { JudgeFailure } from './judge';
import type { Validity } from './validity';

/** Scores by judge, question and answer; the oldest go first when it is full. */
export class ScoreCache {
  private readonly entries = new Map<string, Scores>();

  constructor(private readonly capacity = 20_000) {}

  get size(): number {
    return this.entries.size;
  }

  get(judgeId: string, row: JudgeRow): Scores | undefined {
    const key = keyOf(judgeId, row);
    const found = this.entries.get(key);
    if (found) {
      this.entries.delete(key);
      this.entries.set(key, found);
    }
    return found;
  }

  set(judgeId: string, row: JudgeRow, scores: Scores): void {
    const key = keyOf(judgeId, row);
    this.entries.delete(key);
    this.entries.set(key, scores);
    while (this.entries.size > this.capacity) this.entries.delete(this.entries.keys().next().value as string);
  }

  clear(): void {
    this.entries.clear();
  }
}

function keyOf(judgeId: string, row: JudgeRow): string {
  return JSON.stringify([judgeId, row.question, row.answer]);
}

/** A judge that asks `inner` only for rows it has not scored before; equal rows in one call are asked once. Scores that arrive before a failure are kept. */
export class CachedJudge implements Judge {
  constructor(
    readonly inner: Judge,
    private readonly cache: ScoreCache,
  ) {}

  get id(): string {
    return this.inner.id;
  }
  get name(): string {
    return this.inner.name;
  }
  get kind(): Judge['kind'] {
    return this.inner.kind;
  }
  get scores(): readonly ScoreKind[] {
    return this.inner.scores;
  }
  get validity(): Validity | null {
    return this.inner.validity;
  }
  describe(): string {
    return this.inner.describe();
  }

  async judge(rows: readonly JudgeRow[], options: JudgeOptions = {}): Promise<Scores[]> {
    const found: Array<Scores | null> = rows.map((row) => this.cache.get(this.id, row) ?? null);
    found.forEach((scores, index) => {
      if (scores) options.onScored?.(index, scores);
    });
    const missing = new Map<string, number[]>();
    rows.forEach((row, index) => {
      if (found[index]) return;
      const key = keyOf(this.id, row);
      missing.set(key, [...(missing.get(key) ?? []), index]);
    });
    const asked = [...missing.values()];
    const settle = (position: number, scores: Scores) => {
      const places = asked[position] as number[];
      this.cache.set(this.id, rows[places[0] as number] as JudgeRow, scores);
      for (const index of places) {
        if (found[index]) continue;
        found[index] = scores;
        options.onScored?.(index, scores);
      }
    };
    if (asked.length > 0) {
      try {
        const scores = await this.inner.judge(
          asked.map((places) => rows[places[0] as number] as JudgeRow),
          { signal: options.signal, onScored: settle },
        );
        scores.forEach((score, position) => {
          settle(position, score);
        });
      } catch (error) {
        if (!(error instanceof JudgeFailure)) throw error;
        error.partial.forEach((scores, position) => {
          if (scores) settle(position, scores);
        });
        throw new JudgeFailure(error.message.slice(0, error.message.length - error.remedy.length).trimEnd(), error.remedy, found);
      }
    }
    return found as Scores[];
  }
}
