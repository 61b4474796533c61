import type { Product, ProductPrice } from '../api/client';

/**
 * The price of a product, if promotions reduce it. If the list price is not the one that the page shows, one of the two
 * answers is old. Then there is no reduced price until both are read again.
 */
export function reducedPrice(
  { id, price: { amount_minor, currency } }: Pick<Product, 'id' | 'price'>,
  prices: readonly ProductPrice[],
): ProductPrice | undefined {
  return prices.find(
    ({ product_id, list_price, price }) =>
      product_id === id &&
      list_price.amount_minor === amount_minor &&
      list_price.currency === currency &&
      price.amount_minor < amount_minor,
  );
}
