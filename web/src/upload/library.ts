/** Where a library of zotero.org is, as the command tells it from an address. */

export interface Place {
  /** `groups/456` or `users/123`. */
  library: string;
  /** The key of one, where not all of the library is meant. */
  collection: string | null;
}

const PLACE =
  /^(?:https?:\/\/(?:www\.)?zotero\.org\/|zotero:\/\/(?:select\/)?|)((?:users|groups)\/[1-9]\d{0,14})(?:\/[^/?#]+)??(?:\/collections\/([A-Z0-9]{8}))?(?:\/(?:library|items|item-list|collection|trash)\b[^?#]*)?\/?$/;

export function placeOf(address: string): Place | null {
  const found = PLACE.exec(address.trim());
  return found && { library: found[1]!, collection: found[2] ?? null };
}
