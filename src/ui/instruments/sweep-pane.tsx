import { useState } from 'react';
import { sweepTable } from '../../charts/steering-track';
import { SweepFrontier } from '../../charts/sweep-frontier';
import { isSweepStale, presentControlSweep, shownControls, staleControlsLabel } from '../../store/staleness';
import type { AppState, SweepPoint } from '../../store/state';
import { conditionLetter } from '../parts/condition-key';
import { Segmented } from '../parts/segmented';
import { useActions, useApp } from '../store-context';
import { Pane } from './pane';
import { SweepRemedy } from './remedies';
import { sweepCurve, sweepScoreName, unscoredSweepText } from './sweep-score';
import { activeIntervention } from './use-block-range';

const NO_POINTS: SweepPoint[] = [];

/**
 * What steering costs: alignment against coherence along a sweep, with the controls at the coefficient that is set. A judge without
 * coherence leaves its score against the coefficient.
 */
export function SweepPane({ large = false }: { large?: boolean }) {
  const points = useApp((state) => state.runtime.sweeps[shownSweepId(state) ?? ''] ?? NO_POINTS);
  const stale = useApp((state) => isSweepStale(state, shownSweepId(state) ?? ''));
  const value = useApp(shownCoefficient);
  const conditionIndex = useApp(steeredCondition);
  const controls = useApp((state) => shownControls(state, state.document.conditions[steeredCondition(state)]?.id ?? ''));
  const controlsStale = useApp((state) => staleControlsLabel(state, state.document.conditions[steeredCondition(state)]?.id ?? '') !== null);
  const id = useApp((state) => shownSweepId(state) ?? null);
  const control = useApp((state) => presentControlSweep(state, shownSweepId(state) ?? ''));
  const ready = useApp((state) => state.runtime.modelStatus === 'ready' && state.runtime.tasks.length === 0);
  const { runControlSweep } = useActions();
  const [across, setAcross] = useState<'coherence' | 'coefficient'>('coherence');
  const score = sweepScoreName(points);
  const data = sweepCurve(points, score);
  const controlSweep = control && { ...control, points: sweepCurve(control.points, score) };
  const answers = Math.max(0, ...data.map((point) => point.alignment.n));
  const unscored = unscoredSweepText(points);
  const hasCoherence = points.some(({ coherence }) => coherence.mean !== null);
  const view = points.length > 0 && !hasCoherence ? 'coefficient' : large ? across : 'coherence';
  return (
    <Pane
      id="sweep"
      title="Sweep"
      caption={
        stale
          ? 'of an earlier setting'
          : points.length > 0
            ? `${view === 'coherence' || !hasCoherence ? score : 'scores'}, ${points.length} × ${answers}`
            : ''
      }
      large={large}
      table={points.length > 0 ? () => sweepTable(data, { score, controlSweep }) : null}
      remedy={points.length === 0 ? <SweepRemedy /> : stale || unscored ? <SweepRemedy again /> : null}
      controls={
        points.length > 0 && (
          <>
            {id !== null && !control && (
              <button
                type="button"
                className="button"
                disabled={!ready}
                onClick={() => {
                  // The button goes while it runs; the focus stays in the large view.
                  document.getElementById('shrink-sweep')?.focus();
                  void runControlSweep(id);
                }}
              >
                Random control
              </button>
            )}
            {hasCoherence && (
              <Segmented
                label="What lies across"
                value={across}
                options={[
                  { value: 'coherence', label: 'coherence' },
                  { value: 'coefficient', label: 'coefficient' },
                ]}
                onChange={setAcross}
              />
            )}
          </>
        )
      }
    >
      {(box) => (
        <SweepFrontier
          data={data}
          score={score}
          emptyText={unscored ?? undefined}
          {...box}
          across={view}
          value={value}
          valueLabel={conditionIndex >= 0 ? conditionLetter(conditionIndex) : ''}
          controlSweep={controlSweep}
          controls={controlsStale ? [] : score === 'alignment' ? controls : controls.map((mark) => ({ ...mark, alignment: mark.custom }))}
          stale={stale}
        />
      )}
    </Pane>
  );
}

/** Interventions that were swept; the sweep of a deleted one is only kept for undo. */
function sweptIds({ document, runtime }: AppState): string[] {
  return document.interventions.map(({ id }) => id).filter((id) => runtime.sweeps[id]);
}

/** The sweep of the intervention that is being set, else the only one there is. */
function shownSweepId(state: AppState): string | undefined {
  const { sweeps } = state.runtime;
  const active = activeIntervention(state);
  if (active && sweeps[active.id]) return active.id;
  const measured = sweptIds(state).filter((id) => sweeps[id]?.length);
  return measured.length === 1 ? measured[0] : undefined;
}

function shownCoefficient(state: AppState): number | null {
  const { sweeps } = state.runtime;
  const active = activeIntervention(state);
  const swept = active && sweeps[active.id] ? active : state.document.interventions.find(({ id }) => sweeps[id]);
  return swept?.operation === 'steer' ? swept.coefficient : null;
}

function steeredCondition(state: AppState): number {
  const { sweeps } = state.runtime;
  const active = activeIntervention(state);
  const swept = sweptIds(state);
  const id = active && (sweeps[active.id] || swept.length === 0) ? active.id : swept[0];
  return state.document.conditions.findIndex(({ interventionIds }) => id !== undefined && interventionIds.includes(id));
}
