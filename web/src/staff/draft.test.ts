import { expect, it } from 'vitest';
import { fieldErrors } from '../api/problem';
import { setCurrencies } from '../ui/format';
import { readCount, readDraft } from './draft';

setCurrencies([
  { code: 'EUR', digits: 2 },
  { code: 'JPY', digits: 0 },
  { code: 'KWD', digits: 3 },
]);

const form = (price: string) => (name: string) => (name === 'price' ? price : name);

it('reads a product', () => {
  expect(readDraft(form('12,90'), 'EUR')).toEqual({
    sku: 'sku',
    name: 'name',
    description: 'description',
    category: 'category',
    price: { amount_minor: 1290, currency: 'EUR' },
  });
});

const refusal = (read: () => unknown) => {
  try {
    read();
  } catch (error) {
    return [...fieldErrors(error)];
  }
  return [];
};

it('explains the form of a price in the shop’s currency', () => {
  const say = (price: string, currency: string) => refusal(() => readDraft(form(price), currency))[0];
  for (const bad of ['ten', '12.345', '', '-1', '1 000', '1,000', '€5']) {
    expect(say(bad, 'EUR'), bad).toEqual(['/price', 'Enter a price such as 12.50 EUR, with at most 2 decimals.']);
  }
  expect(say('12.5', 'JPY')).toEqual(['/price', 'Enter a price such as 1250 JPY, without decimals.']);
  expect(say('ten', 'KWD')).toEqual(['/price', 'Enter a price such as 12.500 KWD, with at most 3 decimals.']);
});

it('refuses a price that is too low or too high', () => {
  const say = (price: string, currency: string) => refusal(() => readDraft(form(price), currency))[0]?.[1];
  expect(say('0,00', 'EUR')).toBe('Enter a price above 0.');
  expect(say('9999999999', 'KWD')).toMatch(/^Enter a price of at most KWD\s1,000,000,000\.000\.$/);
  expect(readDraft(form('9999999999.99'), 'EUR').price.amount_minor).toBe(999_999_999_999);
});

it('reads a number of pieces', () => {
  expect(readCount('7')).toBe(7);
  for (const bad of ['many', '', '-1', '1.5']) {
    expect(refusal(() => readCount(bad))).toEqual([['/on_hand', 'Enter a whole number of pieces, such as 12.']]);
  }
});
