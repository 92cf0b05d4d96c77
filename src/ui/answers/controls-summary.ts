import type { ControlSummary, Estimate } from '../../store/state';
import { intervalText } from './main-score';

const estimateOf = (control: ControlSummary, own: boolean): Estimate => (own ? control.custom : control.alignment);

/** ` [87, 94], n = 32` of a mean, which stands before it. */
export function evidenceText(estimate: Estimate): string {
  return ` ${intervalText(estimate)}, n = ${estimate.n}`;
}

/** `91`, or how far a control has come. */
function meanText(control: ControlSummary, own: boolean): string {
  const { mean, n } = estimateOf(control, own);
  if (control.status !== 'done') return control.status;
  return mean === null ? `no score, n = ${n}` : `${Math.round(mean)}`;
}

/** `91 [87, 94], n = 32`, or how far a control has come. */
export function controlText(control: ControlSummary, own: boolean): string {
  const estimate = estimateOf(control, own);
  const evidence = control.status === 'done' && estimate.mean !== null ? evidenceText(estimate) : '';
  return meanText(control, own) + evidence;
}

/** What one line says of the controls, from what there is always room for to what may be cut off. */
export interface ControlsSummary {
  /** `random: 91 to 97`. */
  text: string;
  /** ` in 3 draws`: the range is one of means, no interval. Empty for a single control. */
  draws: string;
  /** `, n = 32 each`, or a single control's interval and count. */
  detail: string;
  /** How many controls that is. */
  count: number;
}

/** The controls that one line has room for: the random ones together, else the first. */
export function controlsSummary(controls: readonly ControlSummary[], own: boolean): ControlsSummary {
  const drawn = controls.flatMap((control) => {
    const { mean, n } = estimateOf(control, own);
    return control.kind === 'random' && control.status === 'done' && mean !== null ? [{ mean: Math.round(mean), n }] : [];
  });
  if (drawn.length > 1) {
    const counts = rangeText(drawn.map(({ n }) => n));
    return {
      text: `random: ${rangeText(drawn.map(({ mean }) => mean))}`,
      draws: ` in ${drawn.length} draws`,
      detail: `, n = ${counts} each`,
      count: drawn.length,
    };
  }
  const [first] = controls;
  if (!first) return { text: '', draws: '', detail: '', count: 0 };
  const mean = meanText(first, own);
  return { text: `${first.label}: ${mean}`, draws: '', detail: controlText(first, own).slice(mean.length), count: 1 };
}

function rangeText(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? `${least}` : `${least} to ${most}`;
}

/** `2 controls were cancelled.`; null where every control came to its end or still runs. */
export function stoppedText(controls: readonly ControlSummary[]): { tag: 'failed' | 'cancelled'; sentence: string } | null {
  const count = (wanted: ControlSummary['status']) => controls.filter(({ status }) => status === wanted).length;
  const what = (stopped: number) => (stopped === 1 ? '1 control' : `${stopped} controls`);
  const [failed, cancelled] = [count('failed'), count('cancelled')];
  if (failed > 0) return { tag: 'failed', sentence: `${what(failed)} failed.` };
  return cancelled > 0 ? { tag: 'cancelled', sentence: `${what(cancelled)} ${cancelled === 1 ? 'was' : 'were'} cancelled.` } : null;
}
