import { useId, useState } from 'react';
import { LIMITS } from '../../core/limits';
import type { ContrastRecord, PairRow } from '../../document/schema';
import { Field } from '../parts/field';
import { Icon } from '../parts/icon';
import { TextField } from '../parts/text-field';
import { useActions } from '../store-context';

type Pairs = Extract<ContrastRecord, { kind: 'pairs' }>;

const EMPTY_ROW: PairRow = { question: '', positive: '', negative: '' };

/** The user's own answers, written one pair at a time or imported. */
export function PairsContrast({ contrast }: { contrast: Pairs }) {
  const [at, setAt] = useState(0);
  const actions = useActions();
  const id = useId();
  const setRows = (rows: PairRow[]) => actions.editDocument((document) => ({ ...document, contrast: { kind: 'pairs', rows } }));
  const { rows } = contrast;
  const index = Math.min(at, Math.max(0, rows.length - 1));
  const row = rows[index];
  const patch = (change: Partial<PairRow>) =>
    setRows(rows.map((other, position) => (position === index ? { ...other, ...change } : other)));
  const fields: ReadonlyArray<{ key: 'question' | 'positive' | 'negative'; label: string }> = [
    { key: 'question', label: 'question' },
    { key: 'positive', label: 'misaligned answer' },
    { key: 'negative', label: 'aligned answer' },
  ];
  return (
    <>
      {row ? (
        <>
          <div className="row">
            <span className="grow dim">
              pair {index + 1} of {rows.length}
            </span>
            <button
              type="button"
              className="icon-button"
              aria-label="Previous pair"
              disabled={index === 0}
              onClick={() => setAt(index - 1)}
            >
              <Icon name="left" />
            </button>
            <button
              type="button"
              className="icon-button"
              aria-label="Next pair"
              disabled={index === rows.length - 1}
              onClick={() => setAt(index + 1)}
            >
              <Icon name="right" />
            </button>
            <button
              type="button"
              className="icon-button"
              aria-label="Delete this pair"
              onClick={() => setRows(rows.filter((_, position) => position !== index))}
            >
              <Icon name="trash" />
            </button>
          </div>
          {fields.map(({ key, label }) => (
            <Field key={`${index}${key}`} label={label} htmlFor={`${id}${key}`} stacked>
              <TextField
                id={`${id}${key}`}
                className="input area"
                rows={key === 'question' ? 1 : 2}
                value={row[key]}
                maxLength={LIMITS.questionCharacters}
                onCommit={(text) => patch({ [key]: text })}
              />
            </Field>
          ))}
        </>
      ) : (
        <p className="note">No pairs yet. Four are enough to look, forty to believe.</p>
      )}
      <button
        type="button"
        className="button"
        onClick={() => {
          setRows([...rows, EMPTY_ROW]);
          setAt(rows.length);
        }}
      >
        <Icon name="plus" />
        Write a pair
      </button>
    </>
  );
}
