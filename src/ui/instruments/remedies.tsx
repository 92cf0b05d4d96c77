import type { AppState } from '../../store/state';
import { useActions, useApp } from '../store-context';
import { activeIntervention } from './use-block-range';

const canRun = (state: AppState) => state.runtime.modelStatus === 'ready' && state.runtime.tasks.length === 0;

/** The way to activations and a profile: the contrast first, then the direction. */
export function ComputeRemedy({ again = false }: { again?: boolean }) {
  const ready = useApp(canRun);
  const hasContrast = useApp((state) => state.runtime.contrastReport !== null || state.document.contrast.kind === 'pairs');
  const { runContrast, computeDirection } = useActions();
  if (!ready) return null;
  return hasContrast || again ? (
    <Remedy label={again ? 'Compute again' : 'Compute the direction'} run={computeDirection} />
  ) : (
    <Remedy label="Make the contrast" run={runContrast} />
  );
}

/** The way to a sweep of the intervention that is being set. */
export function SweepRemedy({ again = false }: { again?: boolean }) {
  const ready = useApp(canRun);
  const interventionId = useApp((state) => {
    const active = activeIntervention(state);
    return active?.operation === 'steer'
      ? active.id
      : (state.document.interventions.find(({ operation }) => operation === 'steer')?.id ?? null);
  });
  const { runSweep } = useActions();
  if (!ready || interventionId === null) return null;
  return <Remedy label={again ? 'Sweep again' : 'Run the sweep'} run={() => runSweep(interventionId)} />;
}

/** The way to a map: of the first answer that there is. */
export function MapRemedy() {
  const ready = useApp((state) => canRun(state) && state.document.directions.length > 0);
  const answer = useApp((state) => Object.values(state.runtime.answers).find(({ status }) => status !== 'streaming'));
  const { showMap } = useActions();
  if (!ready || !answer) return null;
  return <Remedy label="Map the first answer" run={() => showMap(answer.conditionId, answer.questionId, answer.sample)} />;
}

function Remedy({ label, run }: { label: string; run: () => Promise<void> }) {
  return (
    <button type="button" className="button pane-remedy" onClick={() => void run()}>
      {label}
    </button>
  );
}
