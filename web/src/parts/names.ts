/** Names as the API takes them. */
export const GOOD_PROJECT = /^[a-z0-9-]{1,63}$/;
/** Of a source: its key is made of letters and digits. */
export const GOOD_NAME = /[\p{L}\p{N}]/u;
