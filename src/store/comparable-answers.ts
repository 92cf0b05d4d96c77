import type { RecordedAnswer, VaneDocument } from '../document/schema';
import { flushAnswers, type RecordedStanding, recordedStandings } from './answers';
import { notify } from './app-store';

/** The recorded answers that the experiment as it is now gives anew; notices say which are left out and why. */
export function comparableAnswers({ conditions }: VaneDocument, recorded: readonly RecordedAnswer[]): RecordedAnswer[] {
  flushAnswers();
  const standingOf = recordedStandings();
  const standing = (wanted: RecordedStanding) => recorded.filter((answer) => standingOf(answer) === wanted);
  // At another place an answer is another, however well the recording reproduces.
  const places = standing('otherPlace').length;
  if (places > 0)
    notify(
      'info',
      `Recompute: ${places} of ${recorded.length} recorded answers have no place in the experiment as it is now, or another one, and are not compared.`,
    );
  const changed = standing('otherSetting');
  const names = conditions.filter(({ id }) => changed.some(({ conditionId }) => conditionId === id)).map(({ name }) => `"${name}"`);
  if (changed.length > 0)
    notify(
      'info',
      `Recompute: ${changed.length} of ${recorded.length} recorded answers are not compared: the setting of ${names.join(', ')} is another than the recording's. Undo what was changed to check them.`,
    );
  return standing('asRecorded');
}
