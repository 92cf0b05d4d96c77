import { JudgeError } from '../core/errors';
import { remembered } from '../core/remembered';
import type { Judge } from '../judges/judge';
import { type LabelledAnswer, parseLabelledAnswers } from '../judges/validity';
import { appStore } from './app-store';
import { ownFile } from './own-file';
import { readRowText } from './row-reading';
import { sha256Hex } from './text-hash';
import { embeddedWorld } from './world-file';
import { worldLabels } from './world-labels';

/** Labelled answers, and where they are from in words. */
export interface Labels {
  labels: LabelledAnswer[];
  name: string;
}

/** The person's own labels, for this tab, with the hash that tells them from others. */
let own: { labels: LabelledAnswer[]; sha256: string } | null = null;

const shippedLabels = remembered(async () => {
  const response = await ownFile('judge/readout-labels.jsonl');
  return parseLabelledAnswers(await response.text(), 'readout-labels.jsonl');
});

/** Hash of the person's own labels; null without any. */
export function ownLabelsSha256(): string | null {
  return own?.sha256 ?? null;
}

/** Labelled answers of a file. @throws JudgeError naming line and field; FormatError for a text that is not UTF-8. */
export async function readLabels(file: File): Promise<LabelledAnswer[]> {
  return parseLabelledAnswers(await readRowText(file), file.name);
}

/** Takes labels as the person's own, for this tab. */
export async function takeOwnLabels(labels: LabelledAnswer[]): Promise<void> {
  own = { labels, sha256: await sha256Hex(JSON.stringify(labels)) };
}

/**
 * Labels that a read-out is fitted on and every judge is measured against: the person's, else the embedded world's or the shipped set.
 * @param sha256 the person's own that are meant, where that is known. @throws JudgeError where they are not in this tab.
 */
export async function labelsFor(kind: 'shipped' | 'own', sha256?: string): Promise<Labels> {
  if (kind === 'own') {
    if (!own)
      throw new JudgeError(
        'labels: expected a labelled file of your own, got none.',
        'Choose a JSONL file in step 5, or use the shipped set.',
      );
    if (sha256 && own.sha256 !== sha256)
      throw new JudgeError(
        'labels: expected the file that this read-out was fitted on, got another one.',
        'Choose that file in step 5, or use the shipped set.',
      );
    return { labels: own.labels, name: 'your own labels' };
  }
  if (appStore.getState().document.model.source === 'organism')
    return { labels: worldLabels((await embeddedWorld()).world, 'seen'), name: "the embedded world's grammar" };
  return { labels: await shippedLabels(), name: 'the shipped labelled answers' };
}

/** Labels that a judge is measured against; the embedded judge was trained on the world's other situations. */
export async function labelsToMeasure(judge: Judge): Promise<Labels> {
  if (judge.kind === 'embedded' && !own)
    return {
      labels: worldLabels((await embeddedWorld()).world, 'unseen'),
      name: "the embedded world's grammar, situations new to the judge",
    };
  return labelsFor(own ? 'own' : 'shipped');
}
