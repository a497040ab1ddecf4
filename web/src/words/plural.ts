/** `1 file`, `2 files`: in English, of a number that is written out already. */
export function many(n: string, one: string, more = `${one}s`): string {
  return `${n} ${n === "1" ? one : more}`;
}
