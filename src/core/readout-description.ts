import * as v from 'valibot';
import { FormatError } from './errors';
import { LIMITS } from './limits';

const text = v.pipe(v.string(), v.maxLength(LIMITS.nameCharacters));
const finite = v.pipe(v.number(), v.finite());

const head = v.object({
  classes: v.pipe(v.array(text), v.minLength(2), v.maxLength(LIMITS.readoutClasses)),
  layers: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(LIMITS.readoutLayers)),
});

const feature = v.variant('kind', [
  v.object({ kind: v.picklist(['answerMean', 'endToken', 'followUp']), hookPoint: text }),
  v.object({ kind: v.literal('surprisal') }),
]);

const description = v.object({
  format: v.literal('vane-readout'),
  version: v.literal(2),
  endToken: text,
  followUp: text,
  surprisalCapNats: finite,
  surprisalThresholdNats: finite,
  features: v.pipe(v.array(feature), v.minLength(1), v.maxLength(LIMITS.readoutFeatures)),
  heads: v.object({ alignment: head, coherence: head, domain: head }),
});

/**
 * What `readout.json` says of the judge model beside the embedded organism. `features` are what its heads read of an answer: a residual at a
 * hook point (mean over the answer, at the token that closes it, at the last token of the question that follows), or surprisal figures.
 */
export type ReadoutDescription = v.InferOutput<typeof description>;

/** @throws FormatError naming the field. */
export function parseReadoutDescription(value: unknown, file: string): ReadoutDescription {
  const parsed = v.safeParse(description, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new FormatError(`${file}, ${v.getDotPath(issue) ?? 'document'}: ${issue.message}.`, 'Build the page again.');
}
