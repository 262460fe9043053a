/** Text that XML may hold: control characters and broken pairs become a mark. */
export function cleanText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids.
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udfff]/gu, '\ufffd');
}

/** About how wide a text is drawn in the sans-serif fonts of browsers, in pixels. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const letter of text) width += letterWidth(letter);
  return width * size;
}

/** A text cut to a width, with `…` where something is missing. Whole letters stay whole. */
export function fitText(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  let kept = '';
  let used = letterWidth('…') * size;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    used += textWidth(segment, size);
    if (used > width) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

/** A name cut in its middle, since the ends of names tell more: `nitrogen_diox…hours_ago`. */
export function fitName(name: string, size: number, width: number): string {
  if (textWidth(name, size) <= width) return name;
  const letters = Array.from(new Intl.Segmenter().segment(name), ({ segment }) => segment);
  let [head, tail] = ['', ''];
  let used = letterWidth('…') * size;
  // Two letters from the front for one from the back.
  for (let first = 0, last = letters.length - 1, turn = 0; first <= last; turn++) {
    const fromBack = turn % 3 === 2;
    const letter = letters[fromBack ? last-- : first++];
    used += textWidth(letter, size);
    if (used > width) break;
    if (fromBack) tail = letter + tail;
    else head += letter;
  }
  return `${head}…${tail}`;
}

function letterWidth(letter: string): number {
  if (/\p{M}/u.test(letter)) return 0;
  if (
    /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60]|\p{Extended_Pictographic}/u.test(
      letter,
    ) &&
    !/\d/.test(letter)
  )
    return 1.05;
  if (/[ijl.,:;'|!]/.test(letter)) return 0.31;
  if (/[ftr()[\]\-\s/]/.test(letter)) return 0.4;
  if (/[mwMW@%…]/.test(letter)) return 0.92;
  return /\p{Lu}/u.test(letter) ? 0.7 : 0.6;
}
