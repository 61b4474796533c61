/** The form of a promotion: its texts, the terms that they describe, and the changes of other staff. */

import type { Money, PromotionTerms } from '../api/client';
import { type FieldError, Invalid } from '../api/problem';
import { text } from '../checkout/address';
import { amountText } from '../ui/format';
import { readAmount } from './draft';
import type { Change } from './edit';
import { parsePercent, percentText } from './percent';
import { conditionTexts } from './promotionWords';
import { localText, readLocal } from './times';

const NAMES = [
  'name',
  'code',
  'kind',
  'percent',
  'amount',
  'cap',
  'scope',
  'product_ids',
  'categories',
  'starts_at',
  'ends_at',
  'minimum',
  'total_limit',
  'customer_limit',
  'exclusive_group',
  'priority',
] as const;

/** The texts of the form's inputs. Lists have one entry in each line. */
export type TermValues = Record<(typeof NAMES)[number], string>;

/** The value of a time input that is only partly filled in. Browsers report it as empty. */
export const INCOMPLETE = 'incomplete';

export const entriesOf = (lines: string): string[] => lines.split('\n').filter((line) => line !== '');

export function valuesIn(form: FormData): TermValues {
  const read = (name: string) => (isList(name) ? form.getAll(name).map(String).join('\n') : text(form, name));
  return Object.fromEntries(NAMES.map((name) => [name, read(name)])) as TermValues;
}

const isList = (name: string) => name === 'product_ids' || name === 'categories';

/** The form texts of a promotion. Amounts are empty if they are not in the shop's currency. */
export function termValues(terms: PromotionTerms | undefined, currency: string): TermValues {
  const { reduction, scope } = terms ?? {};
  const amount = (money: Money | null | undefined) => (money?.currency === currency ? amountText(money) : '');
  const number = (value: number | null | undefined) => value?.toString() ?? '';
  return {
    name: terms?.name ?? '',
    code: terms?.code ?? '',
    kind: reduction?.kind ?? 'percent',
    percent: reduction?.kind === 'percent' ? percentText(reduction.basis_points) : '',
    amount: reduction?.kind === 'amount' ? amount(reduction.amount) : '',
    cap: amount(terms?.cap),
    scope: scope?.kind ?? 'order',
    product_ids: scope?.kind === 'products' ? scope.product_ids.join('\n') : '',
    categories: scope?.kind === 'categories' ? scope.categories.join('\n') : '',
    starts_at: localText(terms?.starts_at),
    ends_at: localText(terms?.ends_at),
    minimum: amount(terms?.minimum),
    total_limit: number(terms?.total_limit),
    customer_limit: number(terms?.customer_limit),
    exclusive_group: terms?.exclusive_group ?? '',
    priority: number(terms?.priority ?? 0),
  };
}

/**
 * Reads the terms from the texts. Throws `Invalid` with all fields that are not valid. A time that was not edited keeps
 * the exact value of `base`. Its text has no milliseconds, and in the hour after summer time it is ambiguous.
 */
export function readTerms(values: TermValues, currency: string, base?: PromotionTerms): PromotionTerms {
  const errors: FieldError[] = [];
  /** Reads a field. Collects its error, if it is not valid. */
  const field = <T>(pointer: string, name: keyof TermValues, read: (text: string, pointer: string) => T) => {
    try {
      return read(values[name], pointer);
    } catch (error) {
      if (!(error instanceof Invalid)) throw error;
      errors.push(...error.errors);
      return undefined;
    }
  };
  const amount = (text: string, pointer: string) => readAmount({ text, currency, pointer, noun: 'an amount' });
  const time = (earlier: string | null | undefined) => (text: string, pointer: string) =>
    text === localText(earlier) ? (earlier ?? undefined) : readTime(text, pointer);

  const reduction: PromotionTerms['reduction'] | undefined =
    values.kind === 'amount'
      ? wrapped(field('/reduction/amount', 'amount', amount), (money) => ({ kind: 'amount', amount: money }))
      : wrapped(field('/reduction/basis_points', 'percent', readPercent), (basis_points) => ({
          kind: 'percent',
          basis_points,
        }));
  const terms = {
    name: values.name,
    scope: readScope(values),
    code: values.code || undefined,
    starts_at: field('/starts_at', 'starts_at', time(base?.starts_at)),
    ends_at: field('/ends_at', 'ends_at', time(base?.ends_at)),
    minimum: field('/minimum', 'minimum', optional(amount)),
    cap: field('/cap', 'cap', optional(amount)),
    total_limit: field('/total_limit', 'total_limit', optional(readLimit)),
    customer_limit: field('/customer_limit', 'customer_limit', optional(readLimit)),
    exclusive_group: values.exclusive_group || undefined,
    priority: field('/priority', 'priority', optional(readPriority)) ?? 0,
  };
  if (reduction === undefined || errors.length > 0) throw new Invalid(errors);
  return { ...terms, reduction };
}

const wrapped = <T, U>(value: T | undefined, wrap: (value: T) => U) => (value === undefined ? undefined : wrap(value));

const optional =
  <T>(read: (text: string, pointer: string) => T) =>
  (text: string, pointer: string) =>
    text === '' ? undefined : read(text, pointer);

function readScope({ scope, product_ids, categories }: TermValues): PromotionTerms['scope'] {
  if (scope === 'products') return { kind: 'products', product_ids: entriesOf(product_ids) };
  if (scope === 'categories') return { kind: 'categories', categories: entriesOf(categories) };
  return { kind: 'order' };
}

const refuse = (pointer: string, detail: string) => new Invalid([{ pointer, detail }]);

function readPercent(text: string, pointer: string): number {
  const hundredths = parsePercent(text);
  if (hundredths === null) throw refuse(pointer, 'Enter a percentage from 0.01 to 100, with at most 2 decimals.');
  return hundredths;
}

function readTime(text: string, pointer: string): string | undefined {
  if (text === '') return undefined;
  const time = readLocal(text);
  if (time === null) throw refuse(pointer, 'Enter the date and the time, or leave both empty.');
  return time;
}

function readLimit(text: string, pointer: string): number {
  if (!/^\d{1,15}$/.test(text)) throw refuse(pointer, 'Enter a whole number, such as 100, or leave this empty.');
  return Number(text);
}

function readPriority(text: string, pointer: string): number {
  if (!/^-?\d{1,9}$/.test(text)) throw refuse(pointer, 'Enter a whole number from -1000 to 1000.');
  return Number(text);
}

/** A term of a promotion, with the inputs of the form that describe it. */
const TERMS: readonly { label: string; inputs: readonly (keyof TermValues)[] }[] = [
  { label: 'Name', inputs: ['name'] },
  { label: 'Code', inputs: ['code'] },
  { label: 'Takes off', inputs: ['kind', 'percent', 'amount'] },
  { label: 'At most', inputs: ['cap'] },
  { label: 'Applies to', inputs: ['scope', 'product_ids', 'categories'] },
  { label: 'Starts', inputs: ['starts_at'] },
  { label: 'Ends', inputs: ['ends_at'] },
  { label: 'Minimum of list prices', inputs: ['minimum'] },
  { label: 'Most orders', inputs: ['total_limit'] },
  { label: 'Most orders of one customer', inputs: ['customer_limit'] },
  { label: 'Group', inputs: ['exclusive_group'] },
  { label: 'Priority', inputs: ['priority'] },
];

/** The terms that differ between two versions of a promotion. */
function changed(was: PromotionTerms, is: PromotionTerms, currency: string) {
  const [before, now] = [termValues(was, currency), termValues(is, currency)];
  return TERMS.filter(({ inputs }) => inputs.some((input) => before[input] !== now[input]));
}

/** The terms that differ between two versions of a promotion, as text. */
export function termChanges(was: PromotionTerms, is: PromotionTerms, currency: string): Change[] {
  const [before, now] = [conditionTexts(was), conditionTexts(is)];
  return changed(was, is, currency).map(({ label, inputs: [field = label] }) => ({
    field,
    label,
    was: before[field] ?? '',
    is: now[field] ?? '',
  }));
}

/** The typed texts, with the new values of the terms that others have changed. */
export function withTermChanges(
  typed: TermValues,
  base: PromotionTerms,
  current: PromotionTerms,
  currency: string,
): TermValues {
  const values = { ...typed };
  const newer = termValues(current, currency);
  for (const { inputs } of changed(base, current, currency)) {
    for (const input of inputs) values[input] = newer[input];
  }
  return values;
}
