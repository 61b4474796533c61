import { expect, it } from 'vitest';
import { parsePercent, percentText } from './percent';

it('parses a percentage exactly', () => {
  const parsed = ['10', '12.5', '12,50', ' 0.01 ', '100', '100.00', '0.29', '33.33'].map(parsePercent);
  expect(parsed).toEqual([1000, 1250, 1250, 1, 10_000, 10_000, 29, 3333]);
});

it('refuses a percentage that is too low, too high or too exact', () => {
  for (const bad of ['', '0', '0.00', '100.01', '1000', '-5', '12.345', '10 %', 'ten', '1e1', '.5', '5.']) {
    expect(parsePercent(bad), bad).toBeNull();
  }
});

it('writes a percentage as it is read', () => {
  expect([1000, 1250, 1205, 1, 10_000, 29].map(percentText)).toEqual(['10', '12.5', '12.05', '0.01', '100', '0.29']);
  for (let hundredths = 1; hundredths <= 10_000; hundredths += 1) {
    expect(parsePercent(percentText(hundredths))).toBe(hundredths);
  }
});
