import { describe, expect, it } from 'vitest';
import type { Pricing } from '../api/client';
import { setCurrencies } from '../ui/format';
import { codeResults, pricedLine, reductions, standsIn } from './quote';

setCurrencies([{ code: 'EUR', digits: 2 }]);

const eur = (amount_minor: number) => ({ amount_minor, currency: 'EUR' });
const refused = (code: string, reason: 'unknown_code' | 'expired' | 'better_promotion' | 'no_effect') => ({
  code,
  result: { status: 'not_applied', reason, detail: `${code}: ${reason}.` } as const,
});

const pricing: Pricing = {
  lines: [
    {
      product_id: 'tea',
      quantity: 2,
      list_price: eur(690),
      adjustments: [{ promotion_id: 'p1', name: 'Tea week', amount: eur(138) }],
      total: eur(1242),
    },
    { product_id: 'cup', quantity: 1, list_price: eur(1200), adjustments: [], total: eur(1200) },
  ],
  promotions: [
    { promotion_id: 'p1', name: 'Tea week', code: 'TEA', result: { status: 'applied', amount: eur(138) } },
    refused('NONE', 'unknown_code'),
    refused('OLD', 'expired'),
    refused('LESS', 'better_promotion'),
    refused('FREE', 'no_effect'),
  ],
  list_total: eur(2580),
  total: eur(2442),
};

describe('the result of a code', () => {
  const stateOf = (code: string) => codeResults([code], pricing, new Map())[0];

  it('is the amount that it takes off', () => {
    expect(stateOf('TEA')).toEqual({ code: 'TEA', state: 'applied', words: '−€1.38', isUnknown: false });
  });

  it('is the reason why an order with it would be rejected', () => {
    expect(stateOf('NONE')).toEqual({
      code: 'NONE',
      state: 'refused',
      words: 'NONE: unknown_code.',
      isUnknown: true,
    });
    expect(stateOf('OLD')).toMatchObject({ state: 'refused', isUnknown: false });
  });

  it('is a hint if the customer does not need it', () => {
    expect(stateOf('LESS')).toMatchObject({ state: 'unneeded', words: 'LESS: better_promotion.' });
    expect(stateOf('FREE')).toMatchObject({ state: 'unneeded' });
  });

  it('is open until the quote arrives', () => {
    expect(stateOf('NEW')).toMatchObject({ state: 'unchecked', words: '' });
    expect(codeResults(['TEA'], undefined, new Map())[0]).toMatchObject({ state: 'unchecked' });
  });

  it('is the error of the request if the code cannot be read', () => {
    const errors = new Map([['/codes/1', 'The code contains a character that cannot be seen.']]);
    expect(codeResults(['TEA', 'T\u200bEA'], undefined, errors)).toMatchObject([
      { state: 'unchecked' },
      { state: 'refused', words: 'The code contains a character that cannot be seen.' },
    ]);
  });
});

describe('a quote', () => {
  const tea = { product: { id: 'tea', price: eur(690) }, quantity: 2 };

  it('has the price of a line with the same quantity', () => {
    expect(pricedLine(pricing, tea)?.total).toEqual(eur(1242));
    expect(pricedLine(pricing, { ...tea, quantity: 3 })).toBeUndefined();
    expect(pricedLine(undefined, tea)).toBeUndefined();
  });

  it('lists the promotions that apply', () => {
    expect(reductions(pricing)).toEqual([{ promotion_id: 'p1', name: 'Tea week', amount: eur(138) }]);
    expect(reductions(undefined)).toEqual([]);
  });

  it('may be shown until the next one arrives, unless a list price has changed', () => {
    expect(standsIn(pricing, [{ ...tea, quantity: 5 }])).toBe(true);
    expect(standsIn(pricing, [])).toBe(true);
    expect(standsIn(pricing, [{ ...tea, product: { id: 'tea', price: eur(720) } }])).toBe(false);
  });
});
