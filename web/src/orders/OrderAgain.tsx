import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useLocation } from 'wouter';
import type { Order } from '../api/client';
import { isMissing, sentence } from '../api/problem';
import { changeBasket, useBasket } from '../basket/useBasket';
import { productQuery } from '../shop/queries';

/** Adds the items of a rejected or cancelled order to the basket. If one is already there, links to the basket. */
export function OrderAgain({ order: { items } }: { order: Order }) {
  const client = useQueryClient();
  const [, navigate] = useLocation();
  const { lines } = useBasket();
  const fill = useMutation({
    mutationFn: () =>
      Promise.all(
        items.map(async ({ product_id, quantity }) => {
          const product = await client.query(productQuery(product_id)).catch((error: unknown) => {
            if (isMissing(error)) return null;
            throw error;
          });
          return { product, quantity };
        }),
      ),
    onSuccess: (found) => {
      for (const { product, quantity } of found) {
        if (product !== null) changeBasket({ do: 'add', product, quantity });
      }
      navigate('/basket');
    },
  });

  if (items.some(({ product_id }) => lines.some(({ product }) => product.id === product_id))) {
    return (
      <Link href="/basket" className="button button-main">
        Review your basket
      </Link>
    );
  }
  return (
    <>
      <button
        type="button"
        className="button button-main"
        aria-disabled={fill.isPending}
        onClick={() => !fill.isPending && fill.mutate()}
      >
        <span className={fill.isPending ? 'busy' : undefined}>Order again</span>
      </button>
      {fill.error && (
        <p className="field-error" role="alert">
          {sentence(fill.error)}
        </p>
      )}
    </>
  );
}
