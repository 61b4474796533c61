import { Fragment, type ReactNode } from 'react';
import { money, off } from '../ui/format';
import { reductions } from './quote';
import type { Quote } from './useQuote';

/** The total of a basket. If promotions apply, also the list prices and the amount of each promotion. */
export function Sums({ quote: { pricing, total, isPending }, children }: { quote: Quote; children?: ReactNode }) {
  const applied = reductions(pricing);
  return (
    <dl className="sums">
      {pricing && applied.length > 0 && (
        <>
          <dt>List prices</dt>
          <dd>{money(pricing.list_total)}</dd>
        </>
      )}
      {applied.map(({ promotion_id, name, amount }) => (
        <Fragment key={promotion_id}>
          <dt className="sum-off">
            <bdi>{name}</bdi>
          </dt>
          <dd className="sum-off">{off(amount)}</dd>
        </Fragment>
      ))}
      {children}
      <dt className="sum-total">Total</dt>
      <dd className={isPending ? 'sum-total busy' : 'sum-total'}>{total === null ? '–' : money(total)}</dd>
    </dl>
  );
}
