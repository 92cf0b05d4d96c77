import { JudgeError } from '../core/errors';
import { remembered } from '../core/remembered';
import { readText } from '../formats/text-file';
import type { Judge } from '../judges/judge';
import { type LabelledAnswer, parseLabelledAnswers } from '../judges/validity';
import { appStore } from './app-store';
import { ownFile } from './own-file';
import { embeddedWorld } from './world-file';
import { worldLabels } from './world-labels';

/** Labelled answers, and where they are from in words. */
export interface Labels {
  labels: LabelledAnswer[];
  name: string;
}

let ownLabels: LabelledAnswer[] | null = null;
/** Counts the files of the person's own, so that a judge of an earlier one is told from that of the present. */
let ownVersion = 0;

const shippedLabels = remembered(async () => {
  const response = await ownFile('judge/readout-labels.jsonl');
  return parseLabelledAnswers(await response.text(), 'readout-labels.jsonl');
});

/** Changes whenever the person's own labels do. */
export function ownLabelsVersion(): number {
  return ownVersion;
}

/** Labelled answers of a file. @throws JudgeError naming line and field; FormatError for a text that is not UTF-8. */
export async function readLabels(file: File): Promise<LabelledAnswer[]> {
  return parseLabelledAnswers(await readText(file), file.name);
}

/** Takes labels as the person's own, for this tab. */
export function takeOwnLabels(labels: LabelledAnswer[]): void {
  ownLabels = labels;
  ownVersion += 1;
}

/** Labels that a read-out is fitted on and every judge is measured against: the person's, else the embedded world's or the shipped set. */
export async function labelsFor(kind: 'shipped' | 'own'): Promise<Labels> {
  if (kind === 'own') {
    if (!ownLabels)
      throw new JudgeError(
        'labels: expected a labelled file of your own, got none.',
        'Choose a JSONL file in step 5, or use the shipped set.',
      );
    return { labels: ownLabels, name: 'your own labels' };
  }
  if (appStore.getState().document.model.source === 'organism')
    return { labels: worldLabels((await embeddedWorld()).world, 'seen'), name: "the embedded world's grammar" };
  return { labels: await shippedLabels(), name: 'the shipped labelled answers' };
}

/** Labels that a judge is measured against; the embedded judge was trained on the world's other situations. */
export async function labelsToMeasure(judge: Judge): Promise<Labels> {
  if (judge.kind === 'embedded' && !ownLabels)
    return {
      labels: worldLabels((await embeddedWorld()).world, 'unseen'),
      name: "the embedded world's grammar, situations new to the judge",
    };
  return labelsFor(ownLabels ? 'own' : 'shipped');
}
