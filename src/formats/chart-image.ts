import { SourceError } from '../core/errors';

/** Properties that a chart's look depends on; all others keep their defaults in a file of its own. */
const STYLE_PROPERTIES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-opacity',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'opacity',
  'color',
  'font-family',
  'font-size',
  'font-weight',
  'font-style',
  'text-anchor',
  'dominant-baseline',
  'letter-spacing',
  'font-variant-numeric',
  'visibility',
  'display',
  'stop-color',
  'stop-opacity',
  'shape-rendering',
  'paint-order',
  'mix-blend-mode',
];

function inlineStyles(original: Element, copy: Element): void {
  const computed = getComputedStyle(original);
  const style = STYLE_PROPERTIES.map((name) => `${name}:${computed.getPropertyValue(name)}`).filter((rule) => !rule.endsWith(':'));
  copy.setAttribute('style', style.join(';'));
  copy.removeAttribute('class');
  for (const [index, child] of [...original.children].entries()) inlineStyles(child, copy.children[index] as Element);
}

function sizeOf(svg: SVGSVGElement): { width: number; height: number } {
  const box = svg.getBoundingClientRect();
  const { width, height } = svg.viewBox.baseVal ?? box;
  return { width: Math.ceil(box.width || width || 640), height: Math.ceil(box.height || height || 400) };
}

/** The first background along the element's ancestors that is not transparent. */
function backgroundOf(element: Element): string {
  for (let at: Element | null = element; at; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    if (color && color !== 'transparent' && !/^rgba\(.*, 0\)$/.test(color)) return color;
  }
  return 'white';
}

/** The chart as a file of its own: computed styles are written into the elements and the background into a rectangle. The element on screen is not mutated. */
export function chartSvg(svg: SVGSVGElement): Blob {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const { width, height } = sizeOf(svg);
  inlineStyles(svg, copy);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const background = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  background.setAttribute('width', '100%');
  background.setAttribute('height', '100%');
  background.setAttribute('style', `fill:${backgroundOf(svg)}`);
  copy.prepend(background);
  return new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' });
}

/** The chart as a PNG of `scale` pixels for each of the screen's. @throws SourceError when the browser cannot draw it. */
export async function chartPng(svg: SVGSVGElement, scale = 2): Promise<Blob> {
  const { width, height } = sizeOf(svg);
  const text = await chartSvg(svg).text();
  const image = new Image(width, height);
  const failed = new SourceError('chart: expected a picture, got nothing from the browser.', 'Export it as SVG.');
  await new Promise<void>((resolve, reject) => {
    image.onload = () => resolve();
    image.onerror = () => reject(failed);
    // A data URL and not a blob's: it passes every content policy that lets images in, and taints no canvas.
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  });
  const canvas = document.createElement('canvas');
  canvas.width = width * scale;
  canvas.height = height * scale;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(failed)), 'image/png'));
}
