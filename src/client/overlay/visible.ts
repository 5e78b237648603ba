// Names and messages as they are seen: a text from a file or of a file's name says nothing that it does not show.

/** Controls, and marks of direction (Unicode Standard Annex 9, 2), which have what follows read the other way round. */
const UNSEEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A text of several lines. */
export function visible(text: string): string {
  return text.replace(UNSEEN, sign);
}

/** One line. */
export function visibleLine(text: string): string {
  return text.replace(/[\t\n]/g, sign).replace(UNSEEN, sign);
}

/** As diagnostics have it in a terminal. */
function sign(letter: string): string {
  const code = letter.charCodeAt(0);
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : '\ufffd';
}
