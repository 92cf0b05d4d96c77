import { isRecomputeStale } from '../../store/staleness';
import { Icon } from '../parts/icon';
import { useApp } from '../store-context';
import { dateText } from './date-text';

/** Where the figures on screen come from: recorded elsewhere, reproduced here, checked at an earlier setting, or none said. */
export function ResultTag({ dated = false }: { dated?: boolean }) {
  const recordedOnly = useApp((state) => state.runtime.recordedOnly);
  const report = useApp((state) => state.runtime.recompute);
  const createdAt = useApp((state) => state.document.recorded?.createdAt ?? null);
  const bypass = useApp((state) => state.session.bypass);
  const stale = useApp(isRecomputeStale);
  if (bypass) return <span className="tag solid">every edit bypassed</span>;
  // What stands on screen now was not checked; the banner says how the check went.
  if (report && stale) return <span className="tag">checked at an earlier setting</span>;
  if (report) {
    const all = report.matched === report.answers;
    return (
      <span className="result-tag">
        {all && <Icon name="check" />}
        {all
          ? `reproduced ${report.matched}/${report.answers}`
          : `${report.matched}/${report.answers}, ${report.answers - report.matched} differ${report.answers - report.matched === 1 ? 's' : ''}`}
      </span>
    );
  }
  if (!recordedOnly) return null;
  return <span className="tag solid">recorded{dated && createdAt ? ` ${dateText(createdAt)}` : ''}</span>;
}
