/** A figure with a true minus (U+2212), so that signs keep the width of tabular figures. */
export function plain(value: number, digits = 0): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text.replace('-', '−');
}

/** A figure with its sign always written; zero has none. */
export function signed(value: number, digits = 2): string {
  const text = plain(value, digits);
  return Number(text.replace('−', '-')) > 0 ? `+${text}` : text;
}

/** A figure within -1..1 without its leading zero, sign written: `+.88`, `−.21`, `+1`. */
export function signedShare(value: number, digits = 2): string {
  return signed(value, digits)
    .replace(/^([+−]?)0\./, '$1.')
    .replace(/^([+−]?1)\.0+$/, '$1')
    .replace(/^\.0+$/, '0');
}

/** A share within 0..1 without its leading zero: `.75`, `1`. */
export function share(value: number): string {
  return plain(value, 2)
    .replace(/^(−?)0\./, '$1.')
    .replace(/^1\.00$/, '1');
}

/** A tick label without trailing zeros: `−0.5`, `0`, `+1`. */
export function signedTick(value: number): string {
  const digits = Number.isInteger(Math.round(value * 1000) / 1000) ? 0 : Number.isInteger(Math.round(value * 10000) / 1000) ? 1 : 2;
  return signed(value, digits);
}
