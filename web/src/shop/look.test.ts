import { expect, it } from 'vitest';
import { COLOURS, lookOf } from './look';

it('is the same for the same product and differs between products', () => {
  expect(lookOf('TEA-EARLGREY-100')).toEqual(lookOf('TEA-EARLGREY-100'));
  const looks = ['TEA-ASSAM-100', 'TEA-SENCHA-100', 'TEA-OOLONG-75', 'TEA-ROOIBOS-150', 'TEA-PUERH-1998'].map(lookOf);
  expect(new Set(looks.map(({ colour }) => colour)).size).toBeGreaterThan(1);
  for (const { colour } of looks) expect(colour).toBeLessThan(COLOURS);
});
