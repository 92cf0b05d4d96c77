import { memo } from 'react';
import { fairFoulBin } from '../../charts/fair-foul';
import { signed } from '../../charts/number-text';
import { ALIGNMENT_SIDES, type SideNames } from '../../core/direction';
import type { AnswerState } from '../../store/state';
import { useMedia } from '../parts/use-media';
import { useApp } from '../store-context';
import { useShownSides } from '../use-shown-direction';
import { answerKey } from './answer-key';
import { reasonWords } from './no-score-reason';

/** A word that can be pressed: a native button would break the line as a box, a word must wrap as text. */
const inlineButton = (name: string, pinned: boolean) =>
  ({ role: 'button', tabIndex: 0, 'aria-label': name, 'aria-pressed': pinned }) as const;
const NO_TINT_BIN = 4;

/** The tint of a projection: its bin, or none under the threshold. */
export function tintBin(deviations: number | undefined, threshold: number): number {
  if (deviations === undefined || Number.isNaN(deviations) || Math.abs(deviations) < threshold) return NO_TINT_BIN;
  return fairFoulBin(deviations);
}

/** A projection as speech and tooltip say it. */
export function projectionText(deviations: number | undefined, sides: SideNames = ALIGNMENT_SIDES): string {
  if (deviations === undefined || Number.isNaN(deviations)) return 'not read';
  return `${signed(deviations, 1)} σ, ${Math.abs(deviations) <= 0.445 ? 'neutral' : `toward ${deviations > 0 ? sides.positive : sides.negative}`}`;
}

interface AnswerCellProps {
  conditionId: string;
  conditionName: string;
  questionId: string;
  sample: number;
  /** Index of the token that holds this table's tab stop, when it is in this cell. */
  stop: number | null;
  pinned: boolean;
}

/** One answer: its words tinted by their projection, with what is to be known about it. */
export const AnswerCell = memo(function AnswerCell({ conditionId, conditionName, questionId, sample, stop, pinned }: AnswerCellProps) {
  const answer = useApp((state) => state.runtime.answers[answerKey(conditionId, questionId, sample)]);
  const threshold = useApp((state) => state.session.tintThreshold);
  const coming = useApp((state) => state.runtime.modelStatus === 'loading' || state.runtime.tasks.length > 0);
  const calm = useMedia('(prefers-reduced-motion: reduce)');
  const sides = useShownSides();
  if (!answer) {
    return (
      <div className="answer missing" data-condition={conditionId} data-question={questionId}>
        {coming ? <Skeleton seed={conditionId.length * 7 + questionId.length} /> : <span className="dim">not asked yet</span>}
      </div>
    );
  }
  return (
    <div
      className={answer.stale ? 'answer stale' : 'answer'}
      data-condition={conditionId}
      data-question={questionId}
      data-sample={sample}
      aria-busy={answer.status === 'streaming' || undefined}
    >
      {answer.stale && answer.staleFrom && <span className="tag dashed">from {answer.staleFrom}</span>}
      <p className={hasIndentation(answer.tokens) ? 'answer-text code' : 'answer-text'} lang="">
        <span className="visually-hidden">{conditionName}: </span>
        {placed(answer.tokens.slice(0, shownTokens(answer, calm))).map(({ token, index, start }) => (
          <Token
            key={start}
            text={token}
            index={index}
            deviations={answer.projections[index]}
            bin={answer.stale ? NO_TINT_BIN : tintBin(answer.projections[index], threshold)}
            sides={sides}
            stop={index === stop}
            pinned={pinned && index === stop}
          />
        ))}
        {answer.status === 'streaming' && <span className="caret" />}
        <AnswerFoot answer={answer} />
      </p>
    </div>
  );
});

/** How many tokens are shown: all, or for those who want little motion only whole sentences of an answer that is still being written. */
export function shownTokens({ tokens, status }: Pick<AnswerState, 'tokens' | 'status'>, calm: boolean): number {
  if (!calm || status !== 'streaming') return tokens.length;
  return tokens.findLastIndex((token) => /[.!?…。！？]["”’)]*\s*$|\n/.test(token)) + 1;
}

/** Tokens with their first character's place in the answer: answers only grow at the end, so a token keeps it. */
function placed(tokens: readonly string[]): Array<{ token: string; index: number; start: string }> {
  let start = 0;
  return tokens.map((token, index) => {
    const place = { token, index, start: `${start} ${index}` };
    start += token.length;
    return place;
  });
}

/** Whether spaces at line beginnings carry meaning, as in code. */
function hasIndentation(tokens: readonly string[]): boolean {
  return tokens.some(
    (token, index) => /\n[ \t]{2}/.test(token) || (token.startsWith('  ') && (tokens[index - 1]?.endsWith('\n') ?? false)),
  );
}

interface TokenProps {
  text: string;
  index: number;
  deviations: number | undefined;
  sides: SideNames;
  bin: number;
  stop: boolean;
  pinned: boolean;
}

const Token = memo(function Token({ text, index, deviations, sides, bin, stop, pinned }: TokenProps) {
  const className = `token ff-${bin}${pinned ? ' pinned' : ''}`;
  if (!stop) {
    return (
      <span className={className} data-index={index}>
        {text}
      </span>
    );
  }
  // The space before the word stays outside the frame: at a line's end it would draw an empty one.
  const word = text.trimStart();
  const space = text.slice(0, text.length - word.length);
  return (
    <>
      {space && (
        <span className={`token ff-${bin}`} data-index={index}>
          {space}
        </span>
      )}
      <span {...inlineButton(`${text.trim()}, ${projectionText(deviations, sides)}`, pinned)} className={className} data-index={index}>
        {word}
      </span>
    </>
  );
});

/** Behind the words: the answer's own score, or why it has none, and whether it was cut. */
function AnswerFoot({ answer }: { answer: AnswerState }) {
  const { scores, stopReason, status } = answer;
  const figure = scores?.alignment ?? scores?.custom ?? null;
  const what = scores?.alignment !== null && scores?.alignment !== undefined ? 'alignment' : 'score';
  const details = [
    figure === null ? null : `${what} ${Math.round(figure)}`,
    scores?.coherence == null ? null : `coherence ${Math.round(scores.coherence)}`,
    scores?.domain == null ? null : `domain ${Math.round(scores.domain)}`,
    scores?.verdict,
  ].filter(Boolean);
  return (
    <>
      {status !== 'streaming' && stopReason === 'length' && (
        <span className="answer-foot" title="The answer reached the largest number of tokens">
          {' '}
          …cut
        </span>
      )}
      {status !== 'streaming' && stopReason === 'abort' && <span className="answer-foot"> stopped at token {answer.tokens.length}</span>}
      {scores && (
        <span className={figure === null ? 'answer-foot reason' : 'answer-foot'} title={details.join(', ')}>
          {' '}
          <span className="visually-hidden">{what} </span>
          {figure === null ? `no score${scores.verdict ? `: ${reasonWords(scores.verdict)}` : ''}` : Math.round(figure)}
        </span>
      )}
    </>
  );
}

function Skeleton({ seed }: { seed: number }) {
  return (
    <div className="skeleton" aria-hidden="true">
      {[0, 1, 2, 3].map((line) => (
        <span key={line} style={{ width: `${line === 3 ? 40 : 72 + ((seed * 13 + line * 29) % 26)}%` }} />
      ))}
    </div>
  );
}
