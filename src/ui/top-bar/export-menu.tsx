import type { ExportKind } from '../../store/state';
import { Menu } from '../parts/menu';
import { useActions, useApp } from '../store-context';

const GROUPS: ReadonlyArray<{
  title: string;
  needs: 'nothing' | 'directions' | 'answers';
  kinds: ReadonlyArray<{ kind: ExportKind; label: string }>;
}> = [
  { title: 'This experiment', needs: 'nothing', kinds: [{ kind: 'document', label: 'Document, one file' }] },
  {
    title: 'Directions',
    needs: 'directions',
    kinds: [
      { kind: 'directions.safetensors', label: 'safetensors' },
      { kind: 'directions.npz', label: 'npz (NumPy)' },
      { kind: 'directions.gguf', label: 'GGUF control vector' },
    ],
  },
  {
    title: 'Answers',
    needs: 'answers',
    kinds: [
      { kind: 'answers.csv', label: 'CSV' },
      { kind: 'answers.jsonl', label: 'JSONL' },
    ],
  },
  {
    title: 'Scores and controls',
    needs: 'answers',
    kinds: [
      { kind: 'scores.csv', label: 'CSV' },
      { kind: 'scores.jsonl', label: 'JSONL' },
    ],
  },
];

/** Everything that can leave the page as a file; charts have theirs in their enlarged view. */
export function ExportMenu({ buttonClass = 'button quiet' }: { buttonClass?: string }) {
  return (
    <Menu button="Export" buttonClass={buttonClass} align="end">
      {(close) => <ExportList onDone={close} />}
    </Menu>
  );
}

export function ExportList({ onDone }: { onDone: () => void }) {
  const actions = useActions();
  const hasDirections = useApp((state) => state.document.directions.length > 0);
  const hasAnswers = useApp((state) => Object.keys(state.runtime.answers).length > 0);
  const has = { nothing: true, directions: hasDirections, answers: hasAnswers };
  return (
    <div className="export-list">
      {GROUPS.map(({ title, needs, kinds }) => (
        <section key={title} aria-label={title}>
          <p className="export-title">{title}</p>
          <div className="row wrap">
            {kinds.map(({ kind, label }) => (
              <button
                key={kind}
                type="button"
                className="button small"
                disabled={!has[needs]}
                onClick={() => {
                  void actions.exportAs(kind);
                  onDone();
                }}
              >
                {label}
              </button>
            ))}
          </div>
        </section>
      ))}
      <p className="note">A chart as SVG or PNG: open it with ⤢.</p>
    </div>
  );
}
