import { describe, expect, it } from 'vitest';
import { amountText, money, off, parseAmount, pieces, setCurrencies, sum } from './format';

setCurrencies([
  { code: 'EUR', digits: 2 },
  { code: 'HUF', digits: 2 },
  { code: 'IQD', digits: 3 },
  { code: 'JPY', digits: 0 },
]);

const eur = (amount_minor: number) => ({ amount_minor, currency: 'EUR' });

describe('money', () => {
  it('is shown with the digits of its currency', () => {
    expect(money(eur(1290))).toBe('€12.90');
    expect(money({ amount_minor: 1290, currency: 'JPY' })).toBe('¥1,290');
    expect(amountText(eur(5))).toBe('0.05');
    expect(off(eur(129))).toBe('−€1.29');
  });

  it('has the digits of ISO 4217 if those of CLDR differ', () => {
    // The space is a no-break space.
    expect(money({ amount_minor: 69000, currency: 'HUF' })).toBe('HUF\u00a0690.00');
    expect(parseAmount('690', 'HUF')).toEqual({ amount_minor: 69000, currency: 'HUF' });
    expect(amountText({ amount_minor: 1500, currency: 'IQD' })).toBe('1.500');
  });

  it('is shown in minor units if the digits are unknown', () => {
    expect(money({ amount_minor: 690, currency: 'XYZ' })).toBe('690 minor units of XYZ');
    expect(parseAmount('6.90', 'XYZ')).toBeNull();
  });

  it('is parsed exactly', () => {
    expect(parseAmount('12.9', 'EUR')).toEqual(eur(1290));
    expect(parseAmount(' 12,90 ', 'EUR')).toEqual(eur(1290));
    expect(parseAmount('0', 'EUR')).toEqual(eur(0));
    expect(parseAmount('1290', 'JPY')).toEqual({ amount_minor: 1290, currency: 'JPY' });
    // 0.29 * 100 is not 29 in floating point.
    expect(parseAmount('0.29', 'EUR')).toEqual(eur(29));
  });

  it('is refused if it is ambiguous or invalid', () => {
    for (const text of ['', 'ten', '1.234', '-1', '1e3', '1.2.3', '12.', '99999999999']) {
      expect(parseAmount(text, 'EUR')).toBeNull();
    }
    expect(parseAmount('1.5', 'JPY')).toBeNull();
  });

  it('adds up', () => {
    expect(
      sum([
        { price: eur(690), quantity: 2 },
        { price: eur(5), quantity: 1 },
      ]),
    ).toEqual(eur(1385));
    expect(sum([])).toBeNull();
  });
});

it('counts pieces', () => {
  expect([pieces(0), pieces(1), pieces(2)]).toEqual(['0 pieces', '1 piece', '2 pieces']);
});
