import { expect, it } from 'vitest';
import { localText, readLocal } from './times';

it('writes a time as it is read, in the time zone of the browser', () => {
  for (const iso of ['2026-04-24T00:00:00.000Z', '2026-12-31T23:59:58.000Z', '2026-03-29T01:00:00.000Z']) {
    expect(readLocal(localText(iso))).toBe(iso);
  }
  const noon = new Date(2026, 3, 24, 12, 5).toISOString();
  expect(localText(noon)).toBe('2026-04-24T12:05');
  expect(readLocal('2026-04-24T12:05')).toBe(noon);
});

it('is empty without a time', () => {
  expect([localText(null), localText(undefined), readLocal(''), readLocal('incomplete')]).toEqual(['', '', null, null]);
});
