/** Formats and parses money, and formats times. */

import type { Money } from '../api/client';

/** Digits after the point by currency: 2 for EUR, 0 for JPY. */
let minorDigits: ReadonlyMap<string, number> = new Map();

/** Sets the table from the shop. The browser's own table (CLDR) has other digits for 17 currencies. */
export function setCurrencies(currencies: readonly { code: string; digits: number }[]) {
  minorDigits = new Map(currencies.map(({ code, digits }) => [code, digits]));
}

/** The digits after the point of a currency, or 0 if it is unknown. */
export function minorDigitsOf(currency: string): number {
  return minorDigits.get(currency) ?? 0;
}

/** `€12.90`. If the digits of the currency are unknown, the amount is shown in minor units. */
export function money({ amount_minor, currency }: Money): string {
  const places = minorDigits.get(currency);
  if (places === undefined) return `${amount_minor} minor units of ${currency}`;
  const digits = { minimumFractionDigits: places, maximumFractionDigits: places };
  return new Intl.NumberFormat('en', { style: 'currency', currency, ...digits }).format(amount_minor / 10 ** places);
}

/** `−€1.29`, an amount that a discount takes off. */
export function off(amount: Money): string {
  return `−${money(amount)}`;
}

/** `12.90`, for an input. */
export function amountText({ amount_minor, currency }: Money): string {
  const places = minorDigitsOf(currency);
  return (amount_minor / 10 ** places).toFixed(places);
}

/** Parses `12.9`, `12,90` or `1290.00`. Returns null if it is not an amount of this currency. */
export function parseAmount(text: string, currency: string): Money | null {
  const places = minorDigits.get(currency);
  const match = /^(\d{1,10})(?:[.,](\d+))?$/.exec(text.trim());
  const [, whole = '', fraction = ''] = match ?? [];
  if (match === null || places === undefined || fraction.length > places) return null;
  return { amount_minor: Number(whole + fraction.padEnd(places, '0')), currency };
}

/** The sum of quantities times prices. All prices of the shop are in one currency. */
export function sum(parts: readonly { price: Money; quantity: number }[]): Money | null {
  const [first] = parts;
  if (first === undefined) return null;
  const amount_minor = parts.reduce((total, { price, quantity }) => total + price.amount_minor * quantity, 0);
  return { amount_minor, currency: first.price.currency };
}

const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' });
const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const SECOND = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** `21 November 2026, 14:05` */
export function dateTime(iso: string): string {
  const date = new Date(iso);
  return `${DAY.format(date)}, ${TIME.format(date)}`;
}

/** `3 June 2026`, for a day without a time such as `2026-06-03` */
export function day(date: string): string {
  return DAY.format(new Date(`${date}T12:00:00`));
}

/** `14:05:09` */
export function second(iso: string): string {
  return SECOND.format(new Date(iso));
}

/** `1 piece`, `3 pieces` */
export function pieces(count: number): string {
  return `${count} ${count === 1 ? 'piece' : 'pieces'}`;
}
