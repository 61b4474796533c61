/** Percentages, counted in hundredths of a percent. They are read and written without floating point. */

const ALL = 10_000;

/** Parses `12.5` or `12,50` as 1,250 hundredths. Returns null if it is not more than 0 and at most 100. */
export function parsePercent(text: string): number | null {
  const [, whole, fraction = ''] = /^(\d{1,3})(?:[.,](\d{1,2}))?$/.exec(text.trim()) ?? [];
  if (whole === undefined) return null;
  const hundredths = Number(whole + fraction.padEnd(2, '0'));
  return hundredths >= 1 && hundredths <= ALL ? hundredths : null;
}

/** `12.5` for 1,250 hundredths. */
export function percentText(hundredths: number): string {
  const digits = String(hundredths).padStart(3, '0');
  const fraction = digits.slice(-2).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, -2) : `${digits.slice(0, -2)}.${fraction}`;
}
