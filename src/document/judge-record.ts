import * as v from 'valibot';
import { ArgumentError } from '../core/errors';
import { type JudgeRecord, judgeSchema } from './schema';

/** A judge record as a script has passed it. @throws ArgumentError for a kind that there is not, or a field that does not fit. */
export function checkJudgeRecord(record: unknown): JudgeRecord {
  const result = v.safeParse(judgeSchema, record, { abortEarly: true });
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  const kinds = judgeSchema.options.map(({ entries }) => entries.kind.literal).join(', ');
  const isKind = field === null || field === 'kind';
  const got = (JSON.stringify(isKind ? ((record as { kind?: unknown } | null)?.kind ?? record) : issue.input) ?? 'nothing').slice(0, 60);
  throw new ArgumentError(
    isKind
      ? `judge: expected a record whose kind is one of ${kinds}, got ${got}.`
      : `judge, field ${field}: expected ${issue.expected}, got ${got}.`,
    'Pass a judge record, or an object with a judge function.',
  );
}
