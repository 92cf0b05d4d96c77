const WIDE = /[MWmw@%⌀×]/;
const NARROW = /[ijltfrI.,:;'’|!()[\]\s]/;
const FULL = /[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uff00-\uff60\u{1f300}-\u{1faff}]/u;

/** Estimated width in px of sans-serif text: within a few per cent of the common system fonts, on the wide side. */
export function textWidth(text: string, fontSize = 11): number {
  let ems = 0;
  for (const character of text) {
    if (FULL.test(character)) ems += 1.05;
    else if (WIDE.test(character)) ems += 0.92;
    else if (NARROW.test(character)) ems += 0.33;
    else ems += character === character.toUpperCase() && character !== character.toLowerCase() ? 0.7 : 0.58;
  }
  return ems * fontSize;
}

/** The text, or as much of its beginning as fits in `maxWidth` px with an ellipsis; empty when not even one letter fits. */
export function fitText(text: string, maxWidth: number, fontSize = 11): string {
  if (textWidth(text, fontSize) <= maxWidth) return text;
  const characters = [...text];
  while (characters.length > 0) {
    characters.pop();
    const shortened = `${characters.join('').trimEnd()}…`;
    if (characters.length > 0 && textWidth(shortened, fontSize) <= maxWidth) return shortened;
  }
  return '';
}
