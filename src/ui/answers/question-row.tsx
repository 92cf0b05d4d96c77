import { memo, useEffect, useRef, useState } from 'react';
import type { ConditionRecord, QuestionRecord } from '../../document/schema';
import { Icon } from '../parts/icon';
import { AnswerCell } from './answer-cell';
import type { TokenPlace } from './token-walk';

interface QuestionRowProps {
  question: QuestionRecord;
  number: number;
  conditions: readonly ConditionRecord[];
  sample: number;
  sampleCount: number;
  onSample: (questionId: string, sample: number) => void;
  onRemove: (questionId: string) => void;
  /** The table's tab stop when it lies in this row. */
  stop: TokenPlace | null;
  pinned: boolean;
}

/** One question and what every condition answers; its cells are made when it comes near the screen. */
export const QuestionRow = memo(function QuestionRow({
  question,
  number,
  conditions,
  sample,
  sampleCount,
  onSample,
  onRemove,
  stop,
  pinned,
}: QuestionRowProps) {
  const row = useRef<HTMLElement>(null);
  const [near, setNear] = useState(number <= 12);
  useEffect(() => {
    const element = row.current;
    if (near || !element) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setNear(true), { rootMargin: '400px' });
    observer.observe(element);
    return () => observer.disconnect();
  }, [near]);
  return (
    <section ref={row} className="question" data-row={question.id} aria-labelledby={`question-${number}`}>
      <span className="question-number" aria-hidden="true">
        {number}
      </span>
      <div className="question-head">
        <h3 id={`question-${number}`} tabIndex={-1}>
          {question.text}
          {question.domain && <span className="question-domain"> {question.domain}</span>}
        </h3>
        {/* No stops of their own in every row: their keys work from wherever the focus is in the row. */}
        {sampleCount > 1 && (
          <span className="sample-stepper">
            <button
              type="button"
              tabIndex={-1}
              aria-keyshortcuts=","
              title="Previous answer (comma)"
              aria-label={`Previous answer to question ${number}`}
              disabled={sample === 0}
              onClick={() => onSample(question.id, sample - 1)}
            >
              <Icon name="left" />
            </button>
            <span>
              {sample + 1}/{sampleCount}
            </span>
            <button
              type="button"
              tabIndex={-1}
              aria-keyshortcuts="."
              title="Next answer (full stop)"
              aria-label={`Next answer to question ${number}`}
              disabled={sample === sampleCount - 1}
              onClick={() => onSample(question.id, sample + 1)}
            >
              <Icon name="right" />
            </button>
          </span>
        )}
        <button
          type="button"
          className="remove-question"
          tabIndex={-1}
          aria-label={`Remove question ${number}`}
          aria-keyshortcuts="Delete"
          title="Remove this question (Delete); undo brings it back"
          onClick={() => onRemove(question.id)}
        >
          <Icon name="close" />
        </button>
      </div>
      <div className="answers-line">
        <span className="gutter" />
        {near ? (
          conditions.map((condition) => (
            <AnswerCell
              key={condition.id}
              conditionId={condition.id}
              conditionName={condition.name}
              questionId={question.id}
              sample={sample}
              stop={stop && stop.conditionId === condition.id && stop.sample === sample ? stop.index : null}
              pinned={pinned}
            />
          ))
        ) : (
          <div className="answer missing" />
        )}
        <span className="tail" />
      </div>
    </section>
  );
});
