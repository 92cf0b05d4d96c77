import { chartPng, chartSvg } from '../formats/chart-image';
import { saveBlob } from './save-blob';

/** Saves a chart that is on screen as a file of its own. @throws SourceError when the browser cannot draw it as PNG. */
export async function saveChart(chart: SVGSVGElement, kind: 'svg' | 'png', name: string): Promise<void> {
  saveBlob(kind === 'svg' ? chartSvg(chart) : await chartPng(chart, 3), `${name}.${kind}`);
}
