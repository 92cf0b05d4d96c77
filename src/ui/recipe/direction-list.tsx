import { plain, signed } from '../../charts/number-text';
import { ALIGNMENT_SIDES } from '../../core/direction';
import { LIMITS } from '../../core/limits';
import type { DirectionRecord } from '../../document/schema';
import type { CosineMatrix } from '../../store/state';
import { Icon } from '../parts/icon';
import { TextField } from '../parts/text-field';
import { useActions, useApp } from '../store-context';
import { shownDirection } from '../use-shown-direction';
import { fewRowsText } from './few-rows';
import { shortHookPoint } from './step-summaries';

/** Cosine between two directions by id, where the matrix holds both. */
export function cosineBetween(matrix: CosineMatrix | null, first: string, second: string): number | null {
  const row = matrix?.ids.indexOf(first) ?? -1;
  const column = matrix?.ids.indexOf(second) ?? -1;
  return row >= 0 && column >= 0 ? (matrix?.values[row]?.[column] ?? null) : null;
}

/** The kept directions: which one tints the words, their names, signs and likeness. */
export function DirectionList() {
  const directions = useApp((state) => state.document.directions);
  const shown = useApp(shownDirection);
  if (directions.length === 0) return null;
  return (
    <div className="direction-list">
      <h3 className="step-heading">Kept directions</h3>
      <ul>
        {directions.map((direction) => (
          <DirectionItem key={direction.id} direction={direction} shown={shown} />
        ))}
      </ul>
    </div>
  );
}

function DirectionItem({ direction, shown }: { direction: DirectionRecord; shown: DirectionRecord | null }) {
  const cosines = useApp((state) => state.runtime.cosines);
  const used = useApp((state) => state.document.interventions.some(({ directionId }) => directionId === direction.id));
  const actions = useActions();
  const active = direction.id === shown?.id;
  const cosine = shown && !active ? cosineBetween(cosines, shown.id, direction.id) : null;
  const { recipe, negativeMeanProjection, positiveMeanProjection, projectionDeviation } = direction;
  const sides = recipe.sides ?? ALIGNMENT_SIDES;
  const caution = fewRowsText(recipe.positiveCount, recipe.negativeCount, recipe.sides);
  const means =
    negativeMeanProjection !== null && positiveMeanProjection !== null
      ? `means ${plain(negativeMeanProjection, 1)} ${sides.negative}, ${plain(positiveMeanProjection, 1)} ${sides.positive}${projectionDeviation === null ? '' : `, σ ${plain(projectionDeviation, 1)}`}`
      : null;
  return (
    <li className={active ? 'direction-item active' : 'direction-item'}>
      <label className="radio-dot" title={active ? 'This one tints the words' : 'Tint the words by this one'}>
        <input
          type="radio"
          name="shown-direction"
          checked={active}
          onChange={() => actions.setSession({ activeDirectionId: direction.id })}
          aria-label={`Show ${direction.name}`}
        />
      </label>
      <div className="grow">
        <TextField
          label={`Name of ${direction.name}`}
          className="input bare"
          value={direction.name}
          maxLength={LIMITS.nameCharacters}
          onCommit={(name) => name.trim() && actions.renameDirection(direction.id, name.trim())}
        />
        <p className="note">
          <span className="mono">{shortHookPoint(direction.hookPoint)}</span> {recipe.definition}, {recipe.positiveCount}+
          {recipe.negativeCount}
          {cosine !== null && <b className="nowrap"> cos {signed(cosine)}</b>}
        </p>
        {active && recipe.contrast && <p className="note">{recipe.contrast}</p>}
        {active && means && <p className="note">{means}</p>}
        {active && caution && <p className="note caution">{caution}</p>}
      </div>
      <button
        type="button"
        className="icon-button"
        aria-label={`Flip the sign of ${direction.name}`}
        title="Flip the sign"
        onClick={() => actions.flipDirection(direction.id)}
      >
        <Icon name="flip" />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={`Delete ${direction.name}`}
        title={used ? 'An intervention uses it' : 'Delete'}
        disabled={used}
        onClick={() => actions.deleteDirection(direction.id)}
      >
        <Icon name="trash" />
      </button>
    </li>
  );
}
