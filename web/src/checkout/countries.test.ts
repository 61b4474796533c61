import { expect, it } from 'vitest';
import { COUNTRIES, countryName } from './countries';

it('lists every country by its name', () => {
  const codeOf = (name: string) => COUNTRIES.find((country) => country.name === name)?.code;
  expect([codeOf('Germany'), codeOf('Georgia'), codeOf('United Kingdom')]).toEqual(['DE', 'GE', 'GB']);
  expect(COUNTRIES).toHaveLength(249);
  expect(COUNTRIES.filter(({ code, name }) => code === name)).toEqual([]);
  expect(COUNTRIES[0]?.name).toBe('Afghanistan');
});

it('shows the code of a country without a name', () => {
  expect([countryName('DE'), countryName('nowhere'), countryName('')]).toEqual(['Germany', 'nowhere', '']);
});
