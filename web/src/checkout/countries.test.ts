import { expect, it } from 'vitest';
import { COUNTRIES, countryName } from './countries';

it('offers every country by its name', () => {
  const codeOf = (name: string) => COUNTRIES.find((country) => country.name === name)?.code;
  expect([codeOf('Germany'), codeOf('Georgia'), codeOf('United Kingdom')]).toEqual(['DE', 'GE', 'GB']);
  expect(COUNTRIES).toHaveLength(249);
  expect(COUNTRIES.filter(({ code, name }) => code === name)).toEqual([]);
  expect(COUNTRIES[0]?.name).toBe('Afghanistan');
});

it('shows a code that has no name', () => {
  expect([countryName('DE'), countryName('nowhere'), countryName('')]).toEqual(['Germany', 'nowhere', '']);
});
