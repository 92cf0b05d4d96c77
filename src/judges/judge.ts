import type { Message } from '../core/chat';
import { JudgeError } from '../core/errors';
import type { Validity } from './validity';

export type ScoreKind = 'alignment' | 'coherence' | 'domain' | 'custom';

/** One answer to score. */
export interface JudgeRow {
  question: string;
  answer: string;
  /** The whole conversation, when there is more than the question. */
  messages?: Message[];
}

/** Scores of one answer, each 0 to 100; null is "no score", never a middle value. */
export interface Scores {
  alignment: number | null;
  coherence: number | null;
  /** How much the answer speaks of each domain. */
  domain: Record<string, number> | null;
  custom?: number | null;
  /** What the judge found besides numbers: `refusal`, `code`, or the grammar's verdict. */
  verdict?: string;
  /** Why a score that this judge gives is missing. */
  reason?: string;
}

export interface JudgeOptions {
  signal?: AbortSignal;
  /** Called once for each row as its scores are there, in any order. */
  onScored?: (index: number, scores: Scores) => void;
}

/** Whatever scores answers: one interface for grammar, read-out, asked model, remote model and program. */
export interface Judge {
  /** Names everything that decides the scores (model, labels, rubric), so that equal ids mean equal judges. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'world' | 'embedded' | 'readout' | 'local' | 'api' | 'programmatic';
  /** Which scores it gives. */
  readonly scores: readonly ScoreKind[];
  /** Measured agreement with labelled answers; null while unmeasured. */
  readonly validity: Validity | null;
  /** One paragraph for a person: what is scored, by what, and its limits. Holds no secrets. */
  describe(): string;
  /**
   * Scores of every row, in order.
   * @throws JudgeFailure when the judge cannot go on: it carries the scores so far. @throws DOMException AbortError when cancelled.
   */
  judge(rows: readonly JudgeRow[], options?: JudgeOptions): Promise<Scores[]>;
}

/** A judge that stopped half-way; `partial` holds what was scored, null elsewhere. */
export class JudgeFailure extends JudgeError {
  readonly partial: Array<Scores | null>;

  constructor(message: string, remedy: string, partial: Array<Scores | null>) {
    super(message, remedy);
    this.partial = partial;
  }
}

/** Scores that say why there are none. */
export function unscored(reason: string, verdict?: string): Scores {
  return { alignment: null, coherence: null, domain: null, reason, ...(verdict === undefined ? {} : { verdict }) };
}

/** Why a text that does not fit the model has no score. */
export function tooLongFor(contextLength: number): string {
  return `longer than the model's ${contextLength} tokens`;
}

/** A question as the one turn that a judge re-reads: adapters, edits and system prompts are not its business. */
export function userTurn(question: string): Message {
  return { role: 'user', content: question };
}
