import { useQueries } from '@tanstack/react-query';
import type { Order } from '../api/client';
import { productQuery } from '../shop/queries';
import { money } from '../ui/format';

/** What was ordered. Names come from the shop until the order has its own, so that the rows are there from the start. */
export function Lines({ order: { items, lines, total, expected_total } }: { order: Order }) {
  const products = useQueries({
    queries: items.map(({ product_id }) => ({ ...productQuery(product_id), enabled: !lines })),
  });
  const rows = items.map(({ product_id, quantity }, index) => {
    const line = lines?.find((priced) => priced.product_id === product_id);
    const product = products[index]?.data;
    return {
      product_id,
      quantity,
      name: line?.name ?? product?.name ?? '…',
      price: line?.unit_price ?? product?.price,
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
        {rows.map(({ product_id, quantity, name, price }) => (
          <tr key={product_id}>
            <td>{quantity} ×</td>
            <td>{name}</td>
            <td>{price ? money({ ...price, amount_minor: price.amount_minor * quantity }) : ' '}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={2}>
            {total ? 'Total' : 'Total, not yet charged'}
          </th>
          <td>{sum ? money(sum) : ' '}</td>
        </tr>
      </tfoot>
    </table>
  );
}
