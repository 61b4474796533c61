import { Link } from 'wouter';
import type { Product } from '../api/client';
import { money } from '../ui/format';
import { AddButton } from './AddButton';
import { Picture } from './Picture';
import { stockNote } from './stock';

export function ProductCard({ product }: { product: Product }) {
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
          {money(product.price)}
          <span className="stock-note">{note}</span>
        </p>
        <AddButton product={product} quantity={1} small />
      </div>
    </li>
  );
}
