import * as v from 'valibot';
import { LIMITS } from './limits';

/* Bounded building blocks of everything that is validated when it comes from a link or a file. */

export const shortText = v.pipe(v.string(), v.maxLength(LIMITS.nameCharacters));
/** Ids become keys of plain objects, where `constructor` and the like stand for something already. */
export const id = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(LIMITS.nameCharacters),
  v.check((text) => !(text in Object.prototype), 'expected a name that no object has by itself'),
);
export const longText = v.pipe(v.string(), v.maxLength(LIMITS.questionCharacters));
export const finite = v.pipe(v.number(), v.finite());
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const seed = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(0xffff_ffff));
export const sha256 = v.pipe(v.string(), v.regex(/^(?:[0-9a-f]{64})?$/, 'expected 64 hexadecimal digits or nothing'));
export const positions = v.pipe(
  v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(LIMITS.contextLength))),
  v.maxLength(LIMITS.listLength),
);
export const hookPoint = v.pipe(
  v.string(),
  v.regex(
    /^(?:hook_embed|ln_final\.hook_normalized|blocks\.\d{1,3}\.hook_resid_(?:pre|mid|post))$/,
    'expected a hook point such as blocks.12.hook_resid_post',
  ),
);
