import { useEffect, useState } from 'react';
import type { Product } from '../api/client';
import { changeBasket, useBasket } from '../basket/useBasket';

interface Props {
  product: Product;
  quantity: number;
  small?: boolean;
}

/** Adds a product to the basket and confirms it for a moment. */
export function AddButton({ product, quantity, small = false }: Props) {
  const [added, setAdded] = useState(0);
  const inBasket = useBasket().lines.find((line) => line.product.id === product.id)?.quantity ?? 0;
  const left = product.available - inBasket;

  useEffect(() => {
    if (added === 0) return;
    const timer = setTimeout(() => setAdded(0), 1_800);
    return () => clearTimeout(timer);
  }, [added]);

  const add = () => {
    if (left <= 0) return;
    changeBasket({ do: 'add', product, quantity: Math.min(quantity, left) });
    setAdded((times) => times + 1);
  };
  return (
    <>
      <button
        type="button"
        className={small ? 'button button-small' : 'button button-main'}
        aria-disabled={left <= 0}
        onClick={add}
      >
        {added > 0 ? 'Added' : small ? 'Add' : 'Add to the basket'}
        {small && <span className="only-heard"> {product.name} to the basket</span>}
      </button>
      <span role="status" className="only-heard">
        {added > 0 && `${product.name} is in the basket. Quantity: ${inBasket}.`}
      </span>
    </>
  );
}
