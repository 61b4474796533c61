import { useQueries } from '@tanstack/react-query';
import type { Order } from '../api/client';
import { useBasket } from '../basket/useBasket';
import { offer } from '../basket/useOffers';
import { productQuery } from '../shop/queries';
import { money } from '../ui/format';

/**
 * The items of an order. A new order has no product names yet, so the names come from the catalogue at first.
 * A rejected order shows the changes of each product.
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
      change: status === 'rejected' && before ? offer({ product: before, quantity }, product, error) : null,
    };
  });
  const sum = total ?? expected_total;
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
        {rows.map(({ product_id, quantity, name, price, change }) => (
          <tr key={product_id}>
            <td>{quantity} ×</td>
            <td>
              <bdi>{name}</bdi>
              {change?.obstacle && <span className="ordered-change">{change.obstacle}</span>}
              {change?.priceBefore && price && (
                <span className="ordered-change">
                  Was <s>{money(change.priceBefore)}</s> each, is now {money(price)}.
                </span>
              )}
            </td>
            <td>{price ? money({ ...price, amount_minor: price.amount_minor * quantity }) : ' '}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={2}>
            {total ? 'Total' : status === 'rejected' ? 'Total when ordered, not charged' : 'Total, not yet charged'}
          </th>
          <td>{sum ? money(sum) : ' '}</td>
        </tr>
      </tfoot>
    </table>
  );
}
