import { useEffect, useRef, useState } from 'react';
import type { AppState, ConditionSummary } from '../store/state';
import { mainScore } from './answers/main-score';
import { conditionLetter } from './parts/condition-key';
import { useApp } from './store-context';

const SETTLE_MS = 900;

/** A condition's main score as a sentence, or nothing while it is stale or has no score. */
export function scoreSentence(name: string, index: number, summary: ConditionSummary | undefined): string {
  if (!summary || summary.stale) return '';
  const { name: score, estimate } = mainScore(summary);
  const { mean, low, high, n } = estimate;
  if (mean === null) return n > 0 ? `${conditionLetter(index)}, ${name}: no score yet, ${n} answers scored.` : '';
  const rate = summary.em.n > 0 ? `, ${summary.em.k} of ${summary.em.n} misaligned` : '';
  return `${conditionLetter(index)}, ${name}: ${score} ${Math.round(mean)}, interval ${Math.round(low ?? mean)} to ${Math.round(high ?? mean)}${rate}.`;
}

const sentences = ({ document, runtime }: AppState): string =>
  document.conditions.map((condition, index) => scoreSentence(condition.name, index, runtime.summaries[condition.id])).join('\n');

/** Speaks settled scores once: only what changed, and only when no work is going on. */
export function Announcer() {
  const current = useApp(sentences);
  const busy = useApp((state) => state.runtime.tasks.length > 0);
  const spoken = useRef(new Map<number, string>());
  const [text, setText] = useState('');
  useEffect(() => {
    if (busy) return;
    const timer = setTimeout(() => {
      const news = current.split('\n').filter((sentence, index) => sentence && spoken.current.get(index) !== sentence);
      for (const [index, sentence] of current.split('\n').entries()) if (sentence) spoken.current.set(index, sentence);
      if (news.length > 0) setText(news.join(' '));
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [current, busy]);
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}
