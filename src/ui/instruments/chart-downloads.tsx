import type { RefObject } from 'react';
import { saveBlob } from '../../store/save-blob';
import { useApp } from '../store-context';
import { chartPng, chartSvg } from './chart-image';

/** The first chart of a figure as an SVG or PNG file. */
export function ChartDownloads({ figure, name }: { figure: RefObject<HTMLElement | null>; name: string }) {
  const title = useApp((state) => state.document.title);
  const save = async (kind: 'svg' | 'png') => {
    const chart = figure.current?.querySelector<SVGSVGElement>('svg.chart');
    if (!chart) return;
    const blob = kind === 'svg' ? chartSvg(chart) : await chartPng(chart);
    saveBlob(blob, `${title || 'vane'} ${name}.${kind}`);
  };
  return (
    <>
      <button type="button" className="button" onClick={() => void save('svg')}>
        SVG
      </button>
      <button type="button" className="button" onClick={() => void save('png')}>
        PNG
      </button>
    </>
  );
}
