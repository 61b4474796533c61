import { expect, it } from 'vitest';
import { margin } from './margin';

it('leaves a minute of a long life and a quarter of a short one', () => {
  expect(margin(900_000)).toBe(60_000);
  expect(margin(8_000)).toBe(2_000);
});
