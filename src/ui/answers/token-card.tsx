import { signed } from '../../charts/number-text';
import { TokenProfile, type TokenProfileData } from '../../charts/token-profile';
import type { LayerTokenMap } from '../../store/state';
import { shortHookPoint } from '../recipe/step-summaries';
import { useApp } from '../store-context';
import { useShownSides } from '../use-shown-direction';
import { projectionText } from './answer-cell';
import { answerKey } from './answer-key';
import type { TokenPlace } from './token-walk';

const CARD_WIDTH_PX = 224;
const CARD_HEIGHT_PX = 132;
const GAP_PX = 6;

/** A token's projections over the layers, where the map is of its answer. */
export function tokenProfile(map: LayerTokenMap | null, place: TokenPlace): TokenProfileData | null {
  if (!map || map.conditionId !== place.conditionId || map.questionId !== place.questionId || map.sample !== place.sample) return null;
  return {
    token: map.tokens[place.index] ?? '',
    hookPoints: map.hookPoints,
    values: map.values.map((row) => row[place.index] ?? Number.NaN),
  };
}

interface TokenCardProps {
  place: TokenPlace;
  /** The token's box in the window. */
  anchor: DOMRect;
  /** Row of the profile that the arrows have chosen. */
  row: number | null;
}

/** Beside a token: how it projects, and how that comes about over the layers. */
export function TokenCard({ place, anchor, row }: TokenCardProps) {
  const answer = useApp((state) => state.runtime.answers[answerKey(place.conditionId, place.questionId, place.sample)]);
  const map = useApp((state) => state.runtime.map);
  const ready = useApp((state) => state.runtime.modelStatus === 'ready');
  const sides = useShownSides();
  const token = answer?.tokens[place.index];
  if (!answer || token === undefined) return null;
  const profile = tokenProfile(map, place);
  const above = anchor.bottom + GAP_PX + CARD_HEIGHT_PX > innerHeight;
  const style = {
    left: Math.max(8, Math.min(anchor.left, innerWidth - CARD_WIDTH_PX - 8)),
    top: above ? anchor.top - GAP_PX - CARD_HEIGHT_PX : anchor.bottom + GAP_PX,
    width: CARD_WIDTH_PX,
    height: CARD_HEIGHT_PX,
  };
  return (
    <div className="token-card" style={style} aria-hidden="true">
      <p>
        <b className="mono">{token.trim() || '␣'}</b> <span>{projectionText(answer.projections[place.index], sides)}</span>
      </p>
      <p className="note">
        token {place.index + 1} of {answer.tokens.length}
        {row !== null && profile && `, ${shortHookPoint(profile.hookPoints[row] ?? '')} ${rowText(profile.values[row])}`}
      </p>
      {profile ? (
        <TokenProfile data={profile} width={CARD_WIDTH_PX - 22} height={74} />
      ) : (
        <p className="note">{ready ? 'Reading its layers…' : 'Its layers can be read when a model is loaded.'}</p>
      )}
    </div>
  );
}

/** A layer's projection in words. */
export function rowText(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? 'not read' : `${signed(value, 1)} σ`;
}
