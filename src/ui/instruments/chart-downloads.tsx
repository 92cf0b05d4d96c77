import type { RefObject } from 'react';
import { saveChart } from '../../store/save-chart';
import { useApp } from '../store-context';

/** The first chart of a figure as an SVG or PNG file. */
export function ChartDownloads({ figure, name }: { figure: RefObject<HTMLElement | null>; name: string }) {
  const title = useApp((state) => state.document.title);
  const save = (kind: 'svg' | 'png') => {
    const chart = figure.current?.querySelector<SVGSVGElement>('svg.chart');
    if (chart) void saveChart(chart, kind, `${title || 'vane'} ${name}`);
  };
  return (
    <>
      <button type="button" className="button" onClick={() => save('svg')}>
        SVG
      </button>
      <button type="button" className="button" onClick={() => save('png')}>
        PNG
      </button>
    </>
  );
}
