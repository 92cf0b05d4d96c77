import type { TaskProgress } from '../../store/state';
import { byteProgressText, byteText } from '../parts/byte-text';
import { Progress } from '../parts/progress';
import { useApp } from '../store-context';

/** `Asking, 3 / 32` or `Loading, 9.6 of 22.3 MB`. */
export function taskText({ label, done, total, unit }: Pick<TaskProgress, 'label' | 'done' | 'total' | 'unit'>): string {
  if (unit === 'bytes') return `${label}, ${byteProgressText(done, total)}`;
  return total === null ? `${label}, ${done} ${unit}` : `${label}, ${done} / ${total}`;
}

/** The work that was started last, with its progress and a way to stop it; else what the model weighs. */
export function TaskLine() {
  const tasks = useApp((state) => state.runtime.tasks);
  const info = useApp((state) => state.runtime.modelInfo);
  const recordedOnly = useApp((state) => state.runtime.recordedOnly);
  const task = tasks.at(-1);
  if (!task) {
    if (info) return <span className="task-line">{byteText(info.weightBytes)}, in this tab</span>;
    return recordedOnly ? <span className="task-line">no model loaded yet</span> : null;
  }
  return (
    <span className="task-line">
      {tasks.length > 1 && <span title={tasks.map(taskText).join('\n')}>{tasks.length} at work:</span>}
      <span className="task-text">{taskText(task)}</span>
      <Progress label={task.label} done={task.done} total={task.total} />
      <button type="button" className="link-button" onClick={task.cancel}>
        Cancel
      </button>
    </span>
  );
}
