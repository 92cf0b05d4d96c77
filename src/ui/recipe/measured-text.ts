import type { JudgeState } from '../../store/state';

type Measured = NonNullable<JudgeState['measured']>;

const METHODS: Record<Measured['method'], string> = {
  leaveOneDomainOut:
    'Measured leaving one domain out: each labelled answer was scored by a fit on all domains but its own, so the figures say what to expect on a topic the labels do not cover.',
  groupedByQuestion:
    'Measured grouped by question: each labelled answer was scored by a fit without its question. The labels are of one domain, so the figures say nothing of other topics.',
  direct: 'Measured directly: the judge scored the labelled answers as it scores all, and was not fitted on them.',
};

/** How a judge's agreement was measured, and on which labels. */
export function measuredText({ method, labels, rows }: Measured): string {
  return `${METHODS[method]} On ${labels}, ${rows} answers.`;
}
