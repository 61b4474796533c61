/** Countries with their codes (ISO 3166-1) and English names. */

import { COUNTRY_CODES } from '../api/generated/countries';

const NAMES = new Intl.DisplayNames(['en'], { type: 'region' });

/** `Germany` for `DE`, or the code itself if it is unknown. */
export function countryName(code: string): string {
  try {
    return NAMES.of(code) ?? code;
  } catch {
    return code;
  }
}

/** All countries, sorted by name. */
export const COUNTRIES: readonly { code: string; name: string }[] = COUNTRY_CODES.map((code) => ({
  code,
  name: countryName(code),
})).sort((a, b) => a.name.localeCompare(b.name, 'en'));
