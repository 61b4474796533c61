import { Link } from 'wouter';
import type { Product } from '../api/client';
import { Adjustments, Price } from '../discounts/Price';
import { usePrices } from '../discounts/usePrices';

/** The automatic promotions that apply to a product, and its price under them. */
export function ProductPromotions({ product }: { product: Product }) {
  const { reduced, isUnavailable } = usePrices([[product]]);
  const price = reduced(product);
  return (
    <section className="product-promotions" aria-labelledby="promotions">
      <h2 id="promotions">Promotions</h2>
      {isUnavailable ? (
        <p>Promotions cannot be shown at the moment.</p>
      ) : price === undefined ? (
        <p>No automatic promotion reduces the price of one piece.</p>
      ) : (
        <>
          <p className="price">
            <Price price={price.price} list={price.list_price} />
          </p>
          <Adjustments adjustments={price.adjustments} />
        </>
      )}
      <Link href="/staff/promotions">All promotions</Link>
    </section>
  );
}
