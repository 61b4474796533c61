import { expect, it } from 'vitest';
import { lookOf } from './look';

const tea = (sku: string) => lookOf({ sku, name: 'Tea', category: 'Tea' });

it('is constant for a product and differs between products', () => {
  expect(tea('TEA-EARLGREY-100')).toEqual(tea('TEA-EARLGREY-100'));
  const looks = ['TEA-ASSAM-100', 'TEA-SENCHA-100', 'TEA-OOLONG-75', 'TEA-ROOIBOS-150', 'TEA-PUERH-1998'].map(tea);
  expect(new Set(looks.map(({ colour }) => colour)).size).toBeGreaterThan(1);
});

it('has the colour in the product’s name', () => {
  const cup = (name: string) => lookOf({ sku: 'CUP', name, category: 'Cups' }).colour;
  expect(cup('Cappuccino Cup, blue, 180 ml')).toBe('blue');
  expect(cup('Espresso Cup, white, 70 ml')).toBe('white');
  expect(cup('Yunomi Kuro, 200 ml')).toBe('black');
  // Here "white" is the kind of tea, not the colour of the tin.
  expect(lookOf({ sku: 'TEA', name: 'White Peony', category: 'Tea' }).colour).not.toBe('white');
});
