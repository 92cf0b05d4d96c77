const PNG_SCALE = 3;
const VARIABLE = /var\((--[\w-]+)(?:,\s*((?:[^()]|\([^()]*\))*))?\)/;

/** The chart as a complete SVG file: colours resolved to those on screen now, on the surface that the chart stands on. */
export function chartSvg(chart: SVGSVGElement): Blob {
  return new Blob([chartMarkup(chart)], { type: 'image/svg+xml' });
}

/** The chart as a PNG at three px a unit. @throws Error when the browser cannot draw it. */
export async function chartPng(chart: SVGSVGElement): Promise<Blob> {
  const address = URL.createObjectURL(chartSvg(chart));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = new OffscreenCanvas(chart.width.baseVal.value * PNG_SCALE, chart.height.baseVal.value * PNG_SCALE);
    const context = canvas.getContext('2d');
    if (!context) throw new Error('chart as PNG: expected a 2D canvas, got none. Save it as SVG instead.');
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await canvas.convertToBlob({ type: 'image/png' });
  } finally {
    URL.revokeObjectURL(address);
  }
}

function chartMarkup(chart: SVGSVGElement): string {
  const style = getComputedStyle(chart);
  const copy = chart.cloneNode(true) as SVGSVGElement;
  for (const element of [copy, ...copy.querySelectorAll('*')]) {
    for (const attribute of element.attributes) attribute.value = resolve(attribute.value, style);
  }
  copy.removeAttribute('class');
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  const surface = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  surface.setAttribute('width', '100%');
  surface.setAttribute('height', '100%');
  surface.setAttribute('fill', resolve('var(--chart-surface, var(--bg))', style));
  copy.querySelector('desc')?.after(surface);
  return new XMLSerializer().serializeToString(copy);
}

/** Replaces each `var(--name, fallback)` by its value, from the outside in. */
function resolve(text: string, style: CSSStyleDeclaration): string {
  let resolved = text;
  for (let match = VARIABLE.exec(resolved); match; match = VARIABLE.exec(resolved)) {
    const [whole, name = '', fallback = ''] = match;
    resolved = resolved.replace(whole, () => style.getPropertyValue(name).trim() || fallback || 'none');
  }
  return resolved;
}
