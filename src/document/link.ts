import * as v from 'valibot';
import { version as vaneVersion } from '../../package.json';
import { deflateRaw, inflateRaw } from '../core/compression';
import { FormatError, LimitError, VaneError } from '../core/errors';
import { LIMITS } from '../core/limits';
import { fromBase64Url, toBase64Url } from './base64url';
import { ByteReader, ByteWriter } from './byte-cursor';
import { futureVersionError, parseDocument } from './parse';
import { packAnswers, unpackAnswers } from './recorded-packing';
import { DOCUMENT_VERSION, type VaneDocument } from './schema';

/** Names this build in links and files, so that an older Vane can say what made them. */
export const MADE_BY = `Vane ${vaneVersion}`;

const WHAT = 'link';

const answerStrings = v.object({
  conditionIds: v.array(v.string()),
  questionIds: v.array(v.string()),
  tokenTexts: v.array(v.nullable(v.pipe(v.string(), v.maxLength(LIMITS.nameCharacters)))),
  texts: v.array(v.pipe(v.string(), v.maxLength(LIMITS.answerCharacters))),
});

const packedHead = v.object({
  madeBy: v.string(),
  document: v.looseObject({
    directions: v.array(v.looseObject({})),
    recorded: v.nullable(v.looseObject({})),
  }),
  answers: v.nullable(answerStrings),
});

export interface EncodedLink {
  /** Begins with `#`; append it to the page's address. */
  fragment: string;
  /** Characters of the fragment, each one byte. */
  bytes: number;
  /** False when browsers or messengers may cut it: offer the file form. */
  fits: boolean;
}

/**
 * The whole document in a URL fragment: `#v2.` + base64url(deflate-raw(head length, JSON head, packed directions, packed answers)).
 * Version 1 packs the same parts. Scores are kept to 0.01. The document is not mutated.
 * @throws FormatError or LimitError, naming the field, for a document that no reader would accept.
 */
export async function encodeLink(document: VaneDocument): Promise<EncodedLink> {
  const valid = parseDocument(document, 'document');
  const { recorded } = valid;
  const packed = recorded && packAnswers(recorded.answers, recorded.tokenTexts);
  const head = {
    madeBy: MADE_BY,
    document: {
      ...valid,
      directions: valid.directions.map(({ values: _, ...rest }) => rest),
      recorded: recorded && { ...recorded, answers: undefined, tokenTexts: undefined },
    },
    answers: packed?.strings ?? null,
  };
  const json = new TextEncoder().encode(JSON.stringify(head));
  const writer = new ByteWriter();
  writer.varint(json.length);
  writer.bytes(json);
  for (const direction of valid.directions) {
    const values = fromBase64Url(direction.values, `direction "${direction.name}"`);
    writer.varint(values.length);
    writer.bytes(values);
  }
  if (packed) writer.bytes(packed.bytes);
  const fragment = `#v${DOCUMENT_VERSION}.${toBase64Url(await deflateRaw(writer.finish()))}`;
  return { fragment, bytes: fragment.length, fits: fragment.length <= LIMITS.linkCharacters };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new FormatError(`${WHAT}: expected JSON text, got something else.`, 'Copy the link again, to its very end.');
  }
}

async function readLatest(payload: Uint8Array): Promise<VaneDocument> {
  const reader = new ByteReader(payload, WHAT);
  const json = reader.bytes(reader.varint('head length'), 'head');
  const result = v.safeParse(packedHead, parseJson(json), { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    throw new FormatError(
      `${WHAT}, field ${v.getDotPath(issue)?.slice(0, 200) ?? 'head'}: expected ${issue.expected ?? 'another value'}.`,
      'Ask for the link again.',
    );
  }
  const { document, answers } = result.output;
  const directions = document.directions.map((direction) => ({
    ...direction,
    values: toBase64Url(reader.bytes(reader.varint('direction length'), 'direction')),
  }));
  const recorded = document.recorded && answers ? { ...document.recorded, ...unpackAnswers(reader, answers) } : null;
  if (reader.remaining > 0) reader.fail('end', 'no more bytes', `${reader.remaining}`);
  return parseDocument({ ...document, directions, recorded }, WHAT);
}

/** The maker of a link of a later version, if its head still reads as ours does. */
function makerOf(payload: Uint8Array): string {
  try {
    const reader = new ByteReader(payload, WHAT);
    const head = v.safeParse(v.looseObject({ madeBy: v.string() }), parseJson(reader.bytes(reader.varint('head length'), 'head')));
    return head.success ? head.output.madeBy.slice(0, 60) : 'a newer Vane';
  } catch {
    return 'a newer Vane';
  }
}

/** True when a location's fragment claims to be a Vane link (it may still be damaged). */
export function isLinkFragment(fragment: string): boolean {
  return /^#?v\d+\./.test(fragment);
}

/**
 * Reads `encodeLink`'s fragment, with or without `#`, of this or an older version; fetches nothing.
 * @throws FormatError for a broken or newer link, LimitError for one that is too large once decompressed.
 */
export async function decodeLink(fragment: string): Promise<VaneDocument> {
  const match = /^#?v(\d{1,6})\./.exec(fragment);
  if (!match)
    throw new FormatError(
      `${WHAT}: expected it to begin with #v${DOCUMENT_VERSION}., got "${fragment.slice(0, 20)}".`,
      'Copy the whole link again.',
    );
  if (fragment.length > LIMITS.linkReadCharacters) {
    throw new LimitError(
      `${WHAT}: expected at most ${LIMITS.linkReadCharacters} characters, got ${fragment.length}.`,
      'Ask for the document as a file.',
    );
  }
  const version = Number(match[1]);
  const isFuture = version > DOCUMENT_VERSION;
  try {
    const payload = await inflateRaw(fromBase64Url(fragment.slice(match[0].length), WHAT), LIMITS.documentBytes, WHAT);
    if (isFuture) throw futureVersionError(WHAT, version, makerOf(payload));
    return version === 0 ? parseDocument(parseJson(payload), WHAT) : await readLatest(payload);
  } catch (error) {
    // A later version may pack its bytes in another way: then only its number is known.
    if (isFuture)
      throw error instanceof VaneError && error.message.includes('made by') ? error : futureVersionError(WHAT, version, 'a newer Vane');
    throw error;
  }
}
