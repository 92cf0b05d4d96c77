import type { RecordedControl, RecordedRecord, VaneDocument } from '../document/schema';
import { settingLabel } from './condition-run';
import { recordedRate, toMeanInterval } from './recorded-estimate';
import { controlsSignature, shownControls, staleControlsLabel } from './staleness';
import type { AppState, ControlSummary } from './state';
import { NO_ESTIMATE } from './summaries';

/** The controls that stand beside the effects of the present setting, as a document records them; those switched off are left out. */
export function toRecordedControls(state: AppState): RecordedRecord['controls'] {
  const fresh = Object.keys(state.runtime.controls).flatMap((conditionId) => {
    const done = shownControls(state, conditionId).filter(({ status }) => status === 'done');
    return done.length > 0 && staleControlsLabel(state, conditionId) === null ? [[conditionId, done.map(toRecordedControl)] as const] : [];
  });
  return fresh.length > 0 ? Object.fromEntries(fresh) : undefined;
}

function toRecordedControl({ kind, label, alignment, coherence, custom, em }: ControlSummary): RecordedControl {
  return {
    kind,
    label,
    alignment: toMeanInterval(alignment),
    coherence: toMeanInterval(coherence),
    custom: toMeanInterval(custom),
    em: { k: em.k, n: em.n },
  };
}

/** The controls that a document records, by condition; they are of the setting that the document holds. */
export function recordedControls(document: VaneDocument): Record<string, ControlSummary[]> {
  return Object.fromEntries(
    document.conditions.flatMap((condition) => {
      const controls = document.recorded?.controls?.[condition.id];
      if (!controls) return [];
      const setting = { madeUnder: controlsSignature(document, condition.id), madeFrom: settingLabel(document, condition) };
      const shown = controls.map(
        ({ kind, label, alignment, coherence, custom, em }): ControlSummary => ({
          kind,
          label,
          alignment: alignment ?? NO_ESTIMATE,
          coherence: coherence ?? NO_ESTIMATE,
          custom: custom ?? NO_ESTIMATE,
          em: recordedRate(em),
          status: 'done',
          ...setting,
        }),
      );
      return [[condition.id, shown]];
    }),
  );
}
