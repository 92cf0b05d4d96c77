import type { LoadProgress } from '../../engine/api';
import { byteProgressText } from '../parts/byte-text';
import { Progress } from '../parts/progress';
import { useApp } from '../store-context';

const STAGES: Record<LoadProgress['stage'], string> = {
  header: 'reading the header',
  tokenizer: 'reading the tokenizer',
  weights: 'reading the weights',
  session: 'starting the runtime',
  adapter: 'reading the adapter',
};

/** What is being loaded, in bytes, with a way to stop. */
export function LoadingLine() {
  const progress = useApp((state) => state.runtime.loadProgress);
  const task = useApp((state) => state.runtime.tasks.findLast(({ unit }) => unit === 'bytes') ?? null);
  const done = progress?.loadedBytes ?? task?.done ?? 0;
  const total = progress?.totalBytes ?? task?.total ?? null;
  return (
    <div className="loading-line">
      <div className="row">
        <span className="grow">
          {progress ? STAGES[progress.stage] : 'starting'}
          {progress?.file && <span className="dim mono"> {progress.file}</span>}
        </span>
        <span className="figure">{byteProgressText(done, total)}</span>
      </div>
      <Progress label="Loading the model" done={done} total={total} />
      {task && (
        <button type="button" className="link-button" onClick={task.cancel}>
          Cancel
        </button>
      )}
    </div>
  );
}
