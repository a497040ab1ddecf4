/** Where in its document a passage stands: page, heading or symbol, lines; of what is known of it. */
export interface Place {
  page: number | null;
  heading: string | null;
  first_line: number | null;
  last_line: number | null;
}

export interface PlaceWords {
  page: (page: number) => string;
  lines: (first: number, last: number) => string;
}

export function placeOf(passage: Place, say: PlaceWords): string[] {
  const { page, heading, first_line: first, last_line: last } = passage;
  return [
    page === null ? "" : say.page(page),
    heading ?? "",
    first === null || last === null ? "" : say.lines(first, last),
  ].filter(Boolean);
}
