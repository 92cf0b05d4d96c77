const UNITS: readonly string[] = ['B', 'KB', 'MB', 'GB'];

/** `1.8 KB`, `491 MB`: decimal units, two figures or more. */
export function byteText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `9.6 of 22.3 MB`, or the amount alone where the whole is not known. */
export function byteProgressText(done: number, total: number | null): string {
  if (total === null || total <= 0) return byteText(done);
  const whole = byteText(total);
  const [, unit = ''] = whole.split(' ');
  const power = UNITS.indexOf(unit);
  const part = done / 1000 ** power;
  return `${power === 0 || part >= 99.95 ? Math.round(part) : part.toFixed(1)} of ${whole}`;
}
