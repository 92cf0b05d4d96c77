import { type CSSProperties, type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useActions, useApp, useAppStore } from '../store-context';
import { answerKey } from './answer-key';
import { ConditionDialog } from './condition-dialog';
import { ConditionHeads } from './condition-heads';
import { EmptyAnswers } from './empty-answers';
import { QuestionRow } from './question-row';
import { sampleStep } from './sample-step';
import { Scores } from './scores';
import { TokenCard } from './token-card';
import type { TokenPlace, WalkCell } from './token-walk';
import { questionToRemove, useRemoveQuestion } from './use-remove-question';
import { placeOf, useTokenFocus } from './use-token-focus';
import { type VisibleRows, visibleRows } from './visible-rows';

/** After a jump by key the list scrolls by itself; until then its scrolling does not choose the question. */
const JUMP_MS = 400;

/** One column a condition, one row a question, or what to do while there are none. */
export function AnswerTable({ onVisible }: { onVisible: (rows: VisibleRows) => void }) {
  const empty = useApp(({ document }) => document.conditions.length === 0 || document.questions.items.length === 0);
  // A component of its own: its scroller must be there from its first effect on, and at the start the questions come later.
  return empty ? <EmptyAnswers /> : <FilledTable onVisible={onVisible} />;
}

/** The heads above and the scores below always in sight. */
function FilledTable({ onVisible }: { onVisible: (rows: VisibleRows) => void }) {
  const conditions = useApp((state) => state.document.conditions);
  const questions = useApp((state) => state.document.questions.items);
  const sampleCount = useApp((state) => state.document.sampling.samplesPerQuestion);
  const questionIndex = useApp((state) => state.session.questionIndex);
  const pinned = useApp((state) => state.session.pinnedToken);
  const store = useAppStore();
  const actions = useActions();
  const [editing, setEditing] = useState<string | null>(null);
  const [samples, setSamples] = useState<Record<string, number>>({});
  const scroller = useRef<HTMLDivElement>(null);
  const jumped = useRef(0);
  // The row that the list stands at: its first until it was scrolled, also where another question is chosen already.
  const seen = useRef(0);

  const sampleOf = (questionId: string) => Math.min(samples[questionId] ?? 0, sampleCount - 1);
  const setSample = useCallback((questionId: string, sample: number) => setSamples((before) => ({ ...before, [questionId]: sample })), []);
  const cells = (): WalkCell[] => {
    const { answers } = store.getState().runtime;
    return questions.flatMap((question) =>
      conditions.flatMap((condition) => {
        const sample = sampleOf(question.id);
        const tokenCount = answers[answerKey(condition.id, question.id, sample)]?.tokens.length ?? 0;
        return tokenCount > 0 ? [{ conditionId: condition.id, questionId: question.id, sample, tokenCount }] : [];
      }),
    );
  };
  const focus = useTokenFocus(cells);
  const removeQuestion = useRemoveQuestion();
  const showSample = (event: KeyboardEvent<HTMLElement>, row: HTMLElement, by: number) => {
    const questionId = row.dataset.row ?? '';
    const sample = sampleOf(questionId) + by;
    if (sample < 0 || sample >= sampleCount) return;
    event.preventDefault();
    setSample(questionId, sample);
    const place = placeOf(event.target instanceof Element ? event.target : null);
    if (!place) return;
    // The word that had the focus goes with its answer.
    const answer = store.getState().runtime.answers[answerKey(place.conditionId, questionId, sample)];
    if (answer?.tokens.length) focus.pin({ ...place, sample, index: 0 }, event.currentTarget);
    else row.querySelector<HTMLElement>('h3')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const removed = questionToRemove(event);
    const step = sampleStep(event);
    if (removed !== null) removeQuestion(removed);
    else if (step) showSample(event, step.row, step.by);
    else focus.handlers.onKeyDown(event);
  };
  const handlers = { ...focus.handlers, onKeyDown };

  const report = useCallback(
    (scrolled: boolean) => {
      const element = scroller.current;
      if (!element) return;
      const box = element.getBoundingClientRect();
      const top = box.top + (element.querySelector('.heads')?.getBoundingClientRect().height ?? 0);
      const bottom = box.bottom - (element.querySelector('.scores')?.getBoundingClientRect().height ?? 0);
      const rows = visibleRows(
        [...element.querySelectorAll('.question')].map((row) => row.getBoundingClientRect()),
        top,
        bottom,
      );
      onVisible(rows);
      const chosen = store.getState().session.questionIndex;
      // The list's end cannot be scrolled to its top: a question that a key has chosen stays so until one scrolls.
      const holds = scrolled ? chosen === rows.first : chosen >= rows.first && chosen <= rows.last;
      if (performance.now() - jumped.current > JUMP_MS && !holds) {
        seen.current = rows.first;
        actions.setSession({ questionIndex: rows.first });
      }
    },
    [actions, onVisible, store],
  );

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let frame = 0;
    let moved = false;
    const schedule = (scrolled: boolean) => {
      cancelAnimationFrame(frame);
      moved ||= scrolled;
      frame = requestAnimationFrame(() => {
        report(moved);
        moved = false;
      });
    };
    const onScroll = () => schedule(true);
    element.addEventListener('scroll', onScroll, { passive: true });
    const observer = new ResizeObserver(() => schedule(false));
    observer.observe(element);
    for (const child of element.children) observer.observe(child);
    return () => {
      cancelAnimationFrame(frame);
      element.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, [report]);

  useLayoutEffect(() => {
    if (seen.current === questionIndex) return;
    seen.current = questionIndex;
    jumped.current = performance.now();
    const row = scroller.current?.querySelectorAll<HTMLElement>('.question')[questionIndex];
    row?.scrollIntoView({ block: 'start' });
  }, [questionIndex]);

  const stop = useTabStop(pinned, samples);
  const style = { '--columns': conditions.length } as CSSProperties;
  return (
    <div ref={scroller} className="answer-table" style={style}>
      <ConditionHeads onEdit={setEditing} />
      <div className="questions" {...handlers}>
        {questions.map((question, index) => (
          <QuestionRow
            key={question.id}
            question={question}
            number={index + 1}
            conditions={conditions}
            sample={sampleOf(question.id)}
            sampleCount={sampleCount}
            onSample={setSample}
            onRemove={removeQuestion}
            stop={stop?.questionId === question.id ? stop : null}
            pinned={pinned !== null}
          />
        ))}
      </div>
      <Scores />
      {focus.shown && <TokenCard {...focus.shown} row={focus.row} />}
      <p className="visually-hidden" aria-live="polite">
        {focus.spoken}
      </p>
      {editing && <ConditionDialog conditionId={editing} onClose={() => setEditing(null)} />}
    </div>
  );
}

/** The one token that Tab reaches: the pinned one while it is on screen, else the first of the first answer there is. */
function useTabStop(pinned: TokenPlace | null, samples: Record<string, number>): TokenPlace | null {
  const key = useApp(({ document, runtime }) => {
    const onScreen = pinned && (samples[pinned.questionId] ?? 0) === pinned.sample;
    if (onScreen && runtime.answers[answerKey(pinned.conditionId, pinned.questionId, pinned.sample)]?.tokens[pinned.index] !== undefined)
      return 'pinned';
    for (const question of document.questions.items) {
      for (const condition of document.conditions) {
        const sample = samples[question.id] ?? 0;
        if (runtime.answers[answerKey(condition.id, question.id, sample)]?.tokens.length) return `${condition.id}|${question.id}|${sample}`;
      }
    }
    return null;
  });
  if (key === null) return null;
  if (key === 'pinned') return pinned;
  const [conditionId = '', questionId = '', sample = '0'] = key.split('|');
  return { conditionId, questionId, sample: Number(sample), index: 0 };
}
