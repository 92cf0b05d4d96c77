import { type CSSProperties, type RefObject, useEffect, useState } from 'react';
import { FairFoulLegend } from '../../charts/fair-foul-legend';
import type { ConditionRecord, QuestionRecord } from '../../document/schema';
import { AnswerCell } from '../answers/answer-cell';
import { answerKey } from '../answers/answer-key';
import { hookRangeText } from '../answers/condition-text';
import { untintedLetters } from '../answers/untinted';
import { ConditionKey, conditionLetter } from '../parts/condition-key';
import { Icon, Mark } from '../parts/icon';
import { Coefficient } from '../recipe/coefficient';
import { useActions, useApp } from '../store-context';
import { ThemeButton } from '../top-bar/top-bar';
import { useShownDirection, useShownSides } from '../use-shown-direction';
import { kioskConditions } from './kiosk-conditions';
import { KioskOthers, KioskScore } from './kiosk-score';
import { useKioskUnit } from './use-kiosk-unit';

/** For a projector: one question, two answers to it, the scores and the slider, large enough for the last row. */
export function KioskScreen({ mainRef }: { mainRef: RefObject<HTMLElement | null> }) {
  const unit = useKioskUnit();
  const document = useApp((state) => state.document);
  const activeInterventionId = useApp((state) => state.session.activeInterventionId);
  const index = useApp((state) => state.session.questionIndex);
  const [besideId, setBesideId] = useState<string | null>(null);
  const { steering, live, beside } = kioskConditions(document, { activeInterventionId }, besideId);
  const items = document.questions.items;
  const at = Math.max(0, Math.min(index, items.length - 1));
  const question = items[at] ?? null;
  useEffect(() => {
    // The arrows move the slider at once: what was pressed to come here is gone.
    (mainRef.current?.querySelector<HTMLElement>('input[type="range"]') ?? mainRef.current)?.focus();
  }, [mainRef]);
  return (
    <div className="kiosk" style={{ '--u': `${unit}px` } as CSSProperties}>
      <KioskHead question={question} at={at} count={items.length} />
      <main id="answers" className="kiosk-main" tabIndex={-1} ref={mainRef} aria-label="One question, its answers and scores">
        <div className="kiosk-columns">
          {[beside, live].map(
            (condition) =>
              condition && (
                <KioskAnswer
                  key={condition.id}
                  condition={condition}
                  index={document.conditions.indexOf(condition)}
                  live={condition === live}
                  question={question}
                />
              ),
          )}
        </div>
        <KioskLegend
          unit={unit}
          letters={[beside, live].flatMap((condition) => (condition ? [conditionLetter(document.conditions.indexOf(condition))] : []))}
        />
        {live && (
          <section className="kiosk-scores" aria-label="Scores">
            <KioskScore condition={live} unit={unit} />
            <KioskOthers conditions={document.conditions} live={live} beside={beside} onChoose={setBesideId} />
          </section>
        )}
        {steering ? (
          <section className="kiosk-slider" aria-label={`Slider of ${steering.name}`}>
            <p className="kiosk-edit">
              along “{document.directions.find(({ id }) => id === steering.directionId)?.name ?? 'no direction'}”,{' '}
              <span className="nowrap">{hookRangeText(steering)}</span>
            </p>
            <Coefficient key={steering.id} intervention={steering} trackHeight={Math.round(184 * unit)} fontSize={17 * unit} compact />
          </section>
        ) : (
          <p className="kiosk-slider kiosk-edit">No edit steers here: there is nothing to slide.</p>
        )}
      </main>
    </div>
  );
}

function KioskHead({ question, at, count }: { question: QuestionRecord | null; at: number; count: number }) {
  const actions = useActions();
  const move = (to: number) => actions.setSession({ questionIndex: to });
  return (
    <header className="kiosk-head">
      <h1>
        <Mark />
        <span className="visually-hidden">Vane</span>
      </h1>
      <h2 className={questionSize(question?.text.length ?? 0)} title={question?.text}>
        {question?.text ?? 'No question yet'}
      </h2>
      <Waiting />
      {count > 1 && (
        <>
          <span className="kiosk-count">
            {at + 1} of {count}
          </span>
          <button
            type="button"
            className="icon-button"
            aria-label="Previous question"
            title="Previous question (K)"
            disabled={at === 0}
            onClick={() => move(at - 1)}
          >
            <Icon name="left" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label="Next question"
            title="Next question (J)"
            disabled={at === count - 1}
            onClick={() => move(at + 1)}
          >
            <Icon name="right" />
          </button>
        </>
      )}
      <ThemeButton />
      <button type="button" className="button" title="Full view (Esc or P)" onClick={() => actions.setSession({ kiosk: false })}>
        Full view
      </button>
    </header>
  );
}

/** What cannot be dealt with here must not be missed either: an error, or a host that asks to be allowed. */
function Waiting() {
  const waits = useApp(({ runtime }) => runtime.consent !== null || runtime.notices.some(({ tone }) => tone === 'error'));
  const actions = useActions();
  return (
    <div role="status">
      {waits && (
        <button type="button" className="button kiosk-waiting" onClick={() => actions.setSession({ kiosk: false })}>
          A message waits
        </button>
      )}
    </div>
  );
}

/** Beyond so many characters a question or an answer takes a smaller size rather than a scroll bar. */
const LONG_QUESTION = 70;
const LONGEST_QUESTION = 130;
const LONG_ANSWER = 140;

function questionSize(characters: number): string | undefined {
  if (characters <= LONG_QUESTION) return undefined;
  return characters <= LONGEST_QUESTION ? 'long' : 'longest';
}

interface KioskAnswerProps {
  condition: ConditionRecord;
  index: number;
  live: boolean;
  question: QuestionRecord | null;
}

function KioskAnswer({ condition, index, live, question }: KioskAnswerProps) {
  const length = useApp(({ runtime }) => {
    const tokens = question && runtime.answers[answerKey(condition.id, question.id, 0)]?.tokens;
    return tokens ? tokens.reduce((sum, token) => sum + token.length, 0) : 0;
  });
  const heading = `kiosk-${condition.id}`;
  return (
    <section className={length > LONG_ANSWER ? 'kiosk-column long' : 'kiosk-column'} aria-labelledby={heading}>
      <h3 id={heading}>
        <ConditionKey index={index} live={live} />
        <span className="head-name">{condition.name}</span>
      </h3>
      {/* A stop for the keyboard: a long answer scrolls. */}
      <div className="kiosk-answer" tabIndex={0} role="region" aria-label={`Answer of ${condition.name}`}>
        {question && (
          <AnswerCell
            conditionId={condition.id}
            conditionName={condition.name}
            questionId={question.id}
            sample={0}
            stop={null}
            pinned={false}
          />
        )}
      </div>
    </section>
  );
}

function KioskLegend({ unit, letters }: { unit: number; letters: readonly string[] }) {
  const direction = useShownDirection();
  const sides = useShownSides();
  const untinted = useApp(untintedLetters)
    .split(', ')
    .filter((letter) => letters.includes(letter))
    .join(', ');
  if (!direction) return null;
  return (
    <p className="kiosk-legend">
      {sides.negative} <FairFoulLegend cellWidth={24 * unit} height={18 * unit} /> {sides.positive}
      <span className="dim">
        by {direction.name}
        {untinted && `, no tint on ${untinted}`}
      </span>
    </p>
  );
}
