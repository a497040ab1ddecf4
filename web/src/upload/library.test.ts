import { expect, it } from "vitest";
import { placeOf } from "./library";

it("finds a library of zotero.org in its address", () => {
  expect(placeOf("https://www.zotero.org/groups/456/harbour/library")).toEqual({ library: "groups/456", collection: null });
  expect(placeOf("https://www.zotero.org/groups/456/harbour/collections/ABCD2345/collection")).toEqual({ library: "groups/456", collection: "ABCD2345" });
  expect(placeOf(" zotero://users/123 ")).toEqual({ library: "users/123", collection: null });
  expect(placeOf("groups/456")).toEqual({ library: "groups/456", collection: null });
  expect([placeOf("https://example.org/groups/456"), placeOf("groups/harbour"), placeOf("")]).toEqual([null, null, null]);
});
