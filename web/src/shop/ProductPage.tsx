import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import type { Product } from '../api/client';
import { isMissing } from '../api/problem';
import { MAX_QUANTITY } from '../basket/basket';
import { Price, PromotionNames } from '../discounts/Price';
import { UnavailableNotice } from '../discounts/UnavailableNotice';
import { usePrices } from '../discounts/usePrices';
import { NotFoundPage } from '../ui/NotFoundPage';
import { Page } from '../ui/Page';
import { Quantity } from '../ui/Quantity';
import { ErrorState, Loading } from '../ui/states';
import { AddButton } from './AddButton';
import { Picture } from './Picture';
import { productQuery } from './queries';
import { stockNote } from './stock';

export function ProductPage({ id }: { id: string }) {
  const product = useQuery(productQuery(id));
  if (product.data !== undefined) return <Details product={product.data} />;
  if (product.isPending) return <Loading kind="block" rows={1} />;
  if (isMissing(product.error)) return <NotFoundPage />;
  return <ErrorState error={product.error} retry={() => void product.refetch()} />;
}

function Details({ product }: { product: Product }) {
  const [quantity, setQuantity] = useState(1);
  const { name, category, description, price, available } = product;
  const prices = usePrices([[product]]);
  const reduced = prices.reduced(product);
  const note = stockNote(available);
  return (
    <>
      <p className="crumbs">
        <Link href={`/?category=${encodeURIComponent(category)}`} dir="auto">
          {category}
        </Link>
      </p>
      <div className="product">
        <Picture product={product} />
        <div className="product-words">
          <Page title={name}>
            <p className="price price-large">
              <Price price={reduced?.price ?? price} list={reduced?.list_price} />
              {reduced && <PromotionNames adjustments={reduced.adjustments} />}
            </p>
            {prices.isUnavailable && <UnavailableNotice />}
            <p className="product-description" dir="auto">
              {description}
            </p>
            <p className={note === '' ? 'product-stock' : 'product-stock product-few'}>{note || 'In stock'}</p>
            <div className="product-buy">
              <Quantity
                label="Quantity"
                value={quantity}
                most={Math.min(available, MAX_QUANTITY)}
                onChange={setQuantity}
              />
              <AddButton product={product} quantity={quantity} />
            </div>
            <p className="quiet small">SKU {product.sku}</p>
          </Page>
        </div>
      </div>
    </>
  );
}
