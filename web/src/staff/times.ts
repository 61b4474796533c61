/** Times of `datetime-local` inputs, in the time zone of the browser. */

/** The text of an input for a time: `2026-04-24T14:05`, with seconds if there are any. */
export function localText(iso: string | null | undefined): string {
  if (iso == null) return '';
  const date = new Date(iso);
  const two = (part: number) => String(part).padStart(2, '0');
  const day = [String(date.getFullYear()).padStart(4, '0'), two(date.getMonth() + 1), two(date.getDate())].join('-');
  const seconds = date.getSeconds() === 0 ? '' : `:${two(date.getSeconds())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}${seconds}`;
}

/** The time of an input, or null if the text is not a time. */
export function readLocal(text: string): string | null {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? null : time.toISOString();
}

/** `Europe/Berlin` */
export const timeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;
