import { useQueries } from '@tanstack/react-query';
import type { Money, Order } from '../api/client';
import { useBasket } from '../basket/useBasket';
import { offer } from '../basket/useOffers';
import { Adjustments, Price } from '../discounts/Price';
import { productQuery } from '../shop/queries';
import { money, off, sum } from '../ui/format';
import { discountOf } from './words';

/**
 * The items of an order, with their discounts. A new order has no product names yet, so the names come from the
 * catalogue at first. A rejected order shows the changes of each product.
 */
export function Lines({ order: { items, lines, total, expected_total, status } }: { order: Order }) {
  const basket = useBasket();
  const products = useQueries({
    queries: items.map(({ product_id }) => ({ ...productQuery(product_id), enabled: !lines })),
  });
  const rows = items.map(({ product_id, quantity }, index) => {
    const line = lines?.find((priced) => priced.product_id === product_id);
    const { data: product, error } = products[index] ?? {};
    // The basket has the price that the customer saw.
    const before = basket.lines.find((kept) => kept.product.id === product_id)?.product ?? product;
    return {
      product_id,
      quantity,
      name: line?.name ?? product?.name ?? before?.name ?? '…',
      price: line?.unit_price ?? product?.price,
      line,
      change: status === 'rejected' && before ? offer({ product: before, quantity }, product, error) : null,
    };
  });
  const toPay = total ?? expected_total;
  const discount = discountOf(lines ?? []);
  return (
    <table className="ordered">
      <thead className="only-heard">
        <tr>
          <th scope="col">Quantity</th>
          <th scope="col">Product</th>
          <th scope="col">Price</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ product_id, quantity, name, price, line, change }) => (
          <tr key={product_id}>
            <td>{quantity} ×</td>
            <td>
              <bdi>{name}</bdi>
              <Adjustments adjustments={line?.adjustments} />
              {change?.obstacle && <span className="ordered-change">{change.obstacle}</span>}
              {change?.priceBefore && price && (
                <span className="ordered-change">
                  Was <s>{money(change.priceBefore)}</s> each, is now {money(price)}.
                </span>
              )}
            </td>
            <td>{price ? <LinePrice price={price} quantity={quantity} total={line?.total} /> : ' '}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        {discount && (
          <>
            <tr className="ordered-part">
              <th scope="row" colSpan={2}>
                List prices
              </th>
              <td>{money(discount.list)}</td>
            </tr>
            <tr className="ordered-part">
              <th scope="row" colSpan={2}>
                Discounts
              </th>
              <td>{off(discount.off)}</td>
            </tr>
          </>
        )}
        <tr>
          <th scope="row" colSpan={2}>
            {total ? 'Total' : status === 'rejected' ? 'Total when ordered, not charged' : 'Total, not yet charged'}
          </th>
          <td>{toPay ? money(toPay) : ' '}</td>
        </tr>
      </tfoot>
    </table>
  );
}

interface LinePriceProps {
  /** The list price of one piece. */
  price: Money;
  quantity: number;
  /** The price of all pieces after discounts, once the order has it. */
  total: Money | undefined;
}

function LinePrice({ price, quantity, total }: LinePriceProps) {
  const list = sum([{ price, quantity }]) ?? price;
  return <Price price={total ?? list} list={list} />;
}
