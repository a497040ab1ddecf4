export interface Piece {
  text: string;
  hit: boolean;
}

const LONGEST_WORD = 60;
/** Of scripts whose words are joined to others. */
const SYLLABLES = /[가-힣一-鿿぀-ヿ]/;

/** A text cut where any of the words begins and ends, whatever their case; whole words where they stand apart. */
export function marked(text: string, words: readonly string[]): Piece[] {
  const sought = [...new Set(words.map((word) => word.trim()).filter((word) => word.length > 1 && word.length <= LONGEST_WORD))];
  if (!sought.length) return [{ text, hit: false }];
  const pattern = sought
    .sort((a, b) => b.length - a.length)
    .map((word) => {
      const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      return SYLLABLES.test(word) ? escaped : `(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])`;
    })
    .join("|");
  return text
    .split(new RegExp(`(${pattern})`, "giu"))
    .map((piece, index) => ({ text: piece, hit: index % 2 === 1 }))
    .filter((piece) => piece.text);
}
