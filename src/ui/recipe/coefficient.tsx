import { signed } from '../../charts/number-text';
import { SteeringTrack } from '../../charts/steering-track';
import { ALIGNMENT_SIDES } from '../../core/direction';
import type { InterventionRecord } from '../../document/schema';
import { isSweepStale } from '../../store/staleness';
import { sweepCurve, sweepScoreName, unscoredSweepText } from '../instruments/sweep-score';
import { gestureOf } from '../parts/gesture';
import { NumberField } from '../parts/number-field';
import { useWidth } from '../parts/use-width';
import { useActions, useApp } from '../store-context';
import { coefficientAfterKey, coefficientRange, nearestStop, recordHookPoints } from './coefficient-range';
import { rawLengthText } from './raw-length';
import { staleCoefficient } from './stale-coefficient';
import { useBlocks } from './use-blocks';

const UNITS: ReadonlyArray<{ value: InterventionRecord['unit']; label: string }> = [
  { value: 'residNorm', label: 'of the residual norm' },
  { value: 'tokenNorm', label: 'of each token’s norm' },
  { value: 'direction', label: '× the direction itself' },
];

const NO_SWEEP: never[] = [];

interface CoefficientProps {
  intervention: InterventionRecord;
  trackHeight?: number;
  fontSize?: number;
  compact?: boolean;
}

/** The steering coefficient: a figure that can be typed, and a slider whose track is what the sweep found. */
export function Coefficient({ intervention, trackHeight = 106, fontSize = 11, compact = false }: CoefficientProps) {
  const sweep = useApp((state) => state.runtime.sweeps[intervention.id] ?? NO_SWEEP);
  const norms = useApp((state) => state.runtime.residualNorms);
  const direction = useApp((state) => state.runtime.directions.find(({ id }) => id === intervention.directionId));
  const recordedOnly = useApp((state) => state.runtime.recordedOnly && state.runtime.modelStatus !== 'ready');
  const stale = useApp((state) => staleCoefficient(state, intervention));
  const sweepStale = useApp((state) => isSweepStale(state, intervention.id));
  const { blocks, error } = useBlocks(intervention);
  const loaded = useApp((state) => state.runtime.modelStatus === 'ready');
  const actions = useActions();
  const [box, width] = useWidth<HTMLDivElement>(252);

  const sides = direction?.recipe.sides ?? ALIGNMENT_SIDES;
  const score = sweepScoreName(sweep);
  const unscored = unscoredSweepText(sweep);
  const value = intervention.coefficient;
  const range = coefficientRange(value, sweep);
  const stops = recordedOnly && sweep.length > 1 ? sweep.map((point) => point.coefficient) : null;
  const set = (next: number, gesture?: string) =>
    actions.patchIntervention(intervention.id, { coefficient: stops ? nearestStop(next, stops) : next }, gesture);
  const slide = (next: number) => set(next, gestureOf(`coefficient ${intervention.id}`));
  const rawLength =
    rawLengthText(intervention, recordHookPoints(intervention, blocks ?? []), norms, direction) ?? unknownLength(error, loaded);
  return (
    <div className={compact ? 'coefficient compact' : 'coefficient'}>
      <div className="coefficient-head">
        <NumberField
          label="Steering coefficient, as a number"
          className="coefficient-figure"
          value={value}
          min={-1e6}
          max={1e6}
          format={(number) => signed(number)}
          onCommit={(next) => set(next)}
        />
        <div className="coefficient-unit">
          <select
            aria-label="Unit of the coefficient"
            className="bare-select"
            value={intervention.unit}
            onChange={({ target }) => {
              const unit = UNITS.find((candidate) => candidate.value === target.value)?.value;
              if (unit) actions.patchIntervention(intervention.id, { unit });
            }}
          >
            {UNITS.map((unit) => (
              <option key={unit.value} value={unit.value}>
                {unit.label}
              </option>
            ))}
          </select>
          <span>{stops ? `${stops.length} recorded stops` : rawLength}</span>
        </div>
      </div>
      <div ref={box} className="vane-slider" style={{ height: trackHeight }}>
        <SteeringTrack
          data={sweepCurve(sweep, score)}
          score={score}
          width={width}
          height={trackHeight}
          min={range.min}
          max={range.max}
          value={value}
          staleValue={stale}
          staleSweep={sweepStale}
          stops={stops}
          fontSize={fontSize}
        />
        <input
          type="range"
          aria-label={`Steering coefficient of ${intervention.name}`}
          aria-valuetext={`${signed(value)}, ${value === 0 ? 'no push' : `toward ${value > 0 ? sides.positive : sides.negative}`}`}
          min={range.min}
          max={range.max}
          step={0.01}
          value={value}
          onChange={(event) => slide(Number(event.target.value))}
          onKeyDown={(event) => {
            if (event.ctrlKey || event.metaKey || event.altKey) return;
            const keyed = stops ? stepOver(event.key, value, stops) : coefficientAfterKey(event.key, event.shiftKey, value, range);
            if (keyed === null) return;
            event.preventDefault();
            event.stopPropagation();
            slide(keyed);
          }}
        />
        {!compact && !recordedOnly && (sweep.length < 2 || unscored !== null) && (
          <SweepLine interventionId={intervention.id} text={unscored ?? 'No sweep yet: the track is bare.'} />
        )}
      </div>
    </div>
  );
}

/** Why the raw length is not known. */
function unknownLength(blockError: string | null, loaded: boolean): string {
  if (blockError) return 'raw length: no such blocks';
  return loaded ? 'raw length: not read yet' : 'raw length: after loading';
}

/** The next stop in the direction of an arrow key, or null for other keys. */
function stepOver(key: string, value: number, stops: readonly number[]): number | null {
  const sorted = [...stops].sort((a, b) => a - b);
  if (key === 'ArrowRight' || key === 'ArrowUp') return sorted.find((stop) => stop > value + 1e-9) ?? value;
  if (key === 'ArrowLeft' || key === 'ArrowDown') return sorted.findLast((stop) => stop < value - 1e-9) ?? value;
  if (key === 'Home') return sorted[0] ?? value;
  if (key === 'End') return sorted.at(-1) ?? value;
  return key === '0' ? nearestStop(0, stops) : null;
}

function SweepLine({ interventionId, text }: { interventionId: string; text: string }) {
  const actions = useActions();
  return (
    <p className="sweep-line">
      <span className="grow">{text}</span>
      <button type="button" className="button small" onClick={() => void actions.runSweep(interventionId)}>
        Sweep
      </button>
    </p>
  );
}
