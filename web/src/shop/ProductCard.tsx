import { Link } from 'wouter';
import type { Product, ProductPrice } from '../api/client';
import { Price, PromotionNames } from '../discounts/Price';
import { AddButton } from './AddButton';
import { Picture } from './Picture';
import { stockNote } from './stock';

interface Props {
  product: Product;
  /** The price under promotions, if it is lower than the list price. */
  reduced: ProductPrice | undefined;
}

export function ProductCard({ product, reduced }: Props) {
  const note = stockNote(product.available);
  return (
    <li className="card">
      <Link href={`/products/${product.id}`} className="card-link">
        <Picture product={product} />
        <span className="card-name" dir="auto">
          {product.name}
        </span>
      </Link>
      <div className="card-foot">
        <p className="price">
          <Price price={reduced?.price ?? product.price} list={reduced?.list_price} />
          <span className="stock-note">{note}</span>
          {reduced && <PromotionNames adjustments={reduced.adjustments} />}
        </p>
        <AddButton product={product} quantity={1} small />
      </div>
    </li>
  );
}
