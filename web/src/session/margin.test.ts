import { expect, it } from 'vitest';
import { margin } from './margin';

it('is a minute of a long lifetime and a quarter of a short one', () => {
  expect(margin(900_000)).toBe(60_000);
  expect(margin(8_000)).toBe(2_000);
});
