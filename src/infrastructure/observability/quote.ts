// oxlint-disable-next-line no-control-regex
const SPECIAL = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/;
/** A terminal would obey these, and readers may take them for the end of a line. JSON allows some of them in strings. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** The text as a JSON string without any control character: it can not forge a line nor drive a terminal. */
export function quote(text: string): string {
  return SPECIAL.test(text) ? escapeControls(JSON.stringify(text)) : `"${text}"`;
}

/** Writes control characters as JSON does, `\u001b`; nothing else changes. */
export function escapeControls(text: string): string {
  return text.replace(CONTROL, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
