import { beforeAll, expect, test } from 'vitest';
import { setCurrencies } from '../ui/format';
import { effectText } from './effect';

beforeAll(() => {
  setCurrencies([{ code: 'EUR', digits: 2 }]);
});

const effect = (orders: number, orders_with_promotion: number, minorWith: number) => ({
  orders,
  orders_with_promotion,
  total_without: { amount_minor: 130_000, currency: 'EUR' },
  total_with: { amount_minor: minorWith, currency: 'EUR' },
});

test('the effect of a promotion names the orders and the sums', () => {
  expect(effectText(effect(100, 12, 123_400))).toBe(
    '12 of the last 100 orders would have used it. The sum of all would have been €1,234.00 instead of €1,300.00 (−€66.00).',
  );
  expect(effectText(effect(1, 0, 130_000))).toBe('0 of the last 1 order would have used it.');
  expect(effectText(effect(0, 0, 0))).toBe('The shop has no orders yet.');
});
