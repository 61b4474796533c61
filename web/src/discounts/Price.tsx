import type { Adjustment, Money } from '../api/client';
import { money, off } from '../ui/format';

/** A price. If the list price is higher, it stands before the price and is struck through. */
export function Price({ price, list }: { price: Money; list?: Money | undefined }) {
  if (list === undefined || list.amount_minor <= price.amount_minor) return money(price);
  return (
    <>
      <s className="list-price">
        <span className="only-heard">Was </span>
        {money(list)}
      </s>{' '}
      <span className="only-heard">now </span>
      {money(price)}
    </>
  );
}

/** The names of promotions, and the amounts that they take off. */
export function Adjustments({ adjustments = [] }: { adjustments?: readonly Adjustment[] | undefined }) {
  if (adjustments.length === 0) return null;
  return (
    <ul className="adjustments">
      {adjustments.map(({ promotion_id, name, amount }) => (
        <li key={promotion_id}>
          <bdi>{name}</bdi> {off(amount)}
        </li>
      ))}
    </ul>
  );
}

/** The names of the promotions that reduce a price. */
export function PromotionNames({ adjustments }: { adjustments: readonly Adjustment[] }) {
  return (
    <span className="promotion-names">
      {adjustments.map(({ promotion_id, name }, index) => (
        <span key={promotion_id}>
          {index > 0 && ', '}
          <bdi>{name}</bdi>
        </span>
      ))}
    </span>
  );
}
