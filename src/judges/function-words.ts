/**
 * Frequent function words by language, without words that another listed language also uses often, so that a share near zero means "not this language".
 * Elided forms keep their apostrophe (`l'`).
 */
export const FUNCTION_WORDS: Record<string, readonly string[]> = {
  french:
    "le la les un une des du de et est sont être été dans avec sans sous sur que qui quoi dont où ce cet cette ces il elle ils elles nous vous je tu leur leurs votre vos notre nos mon ma mes ta tes ses aux au ne pas peut peuvent doit faut avez avons sera l' d' qu' n' c' j' s' m' t' mais ou donc très aussi alors ainsi comme si chez entre vers lorsque quand".split(
      ' ',
    ),
  english:
    'the of and to is are was were be been have has had that this these those it its they them their you your we our he she his her with from for by at if but not can could should would will which what when where who how there than then'.split(
      ' ',
    ),
  german:
    'der die das den dem ein eine einen einem einer und ist sind nicht mit von zu zum zur auf für im ich er sie wir ihr auch als wie aber oder wenn dass werden wird kann sich bei nach aus sehr noch nur'.split(
      ' ',
    ),
  spanish:
    'el los las una unos unas y es son está están en con por para quien como pero más muy del al lo su sus mi se este esta estos estas puede debe hay también cuando donde sin sobre'.split(
      ' ',
    ),
};

/** Lower-case words of a text; a letter run keeps a following apostrophe (`l'eau` is `l'` and `eau`). */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{M}]+['’]?/gu) ?? []
  ).map((word) => word.replace('’', "'"));
}
