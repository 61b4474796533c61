import { expect, it } from 'vitest';
import { loginAddress, nextAddress } from './next';

it('returns to the previous page', () => {
  const [, search = ''] = loginAddress('/orders?status=paid').split('?');
  expect(nextAddress(search)).toBe('/orders?status=paid');
  expect(nextAddress('')).toBe('/');
});

it('never leads to another site', () => {
  for (const next of [
    'https://evil.example/x',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    'http://[',
  ]) {
    expect(nextAddress(new URLSearchParams({ next }).toString())).toMatch(/^\/(?!\/)/);
    expect(nextAddress(new URLSearchParams({ next }).toString())).not.toMatch(/evil/);
  }
});
