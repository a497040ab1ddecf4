export interface Piece {
  text: string;
  hit: boolean;
}

const LONGEST_WORD = 60;

/** A text cut where any of the words begins and ends, whatever their case. */
export function marked(text: string, words: readonly string[]): Piece[] {
  const sought = [...new Set(words.map((word) => word.trim()).filter((word) => word.length > 1 && word.length <= LONGEST_WORD))];
  if (!sought.length) return [{ text, hit: false }];
  const pattern = sought
    .sort((a, b) => b.length - a.length)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("|");
  return text
    .split(new RegExp(`(${pattern})`, "giu"))
    .map((piece, index) => ({ text: piece, hit: index % 2 === 1 }))
    .filter((piece) => piece.text);
}
