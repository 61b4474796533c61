import { useQuery } from '@tanstack/react-query';
import { isMissing } from '../api/problem';
import { NotFoundPage } from '../ui/NotFoundPage';
import { Page } from '../ui/Page';
import { ErrorState, Loading } from '../ui/states';
import { editQuery } from './edit';
import { ProductForm } from './ProductForm';
import { ProductPromotions } from './ProductPromotions';
import { StockForm } from './StockForm';

/** The page of a product. The id `new` adds one. */
export default function StaffProductPage({ id }: { id: string }) {
  if (id === 'new') {
    return (
      <Page title="Add a product">
        <ProductForm />
      </Page>
    );
  }
  return <Existing id={id} />;
}

function Existing({ id }: { id: string }) {
  const reading = useQuery({ ...editQuery(id), refetchOnMount: 'always' });
  // Wait for a fresh read. A cached product may be stale.
  if (reading.isPending || !reading.isFetchedAfterMount) return <Loading kind="block" rows={1} />;
  if (reading.data === undefined) {
    if (isMissing(reading.error)) return <NotFoundPage />;
    return <ErrorState error={reading.error} retry={() => void reading.refetch()} />;
  }
  const { product } = reading.data;
  return (
    <Page title={product.name}>
      <div className="with-aside">
        <ProductForm key={product.id} read={reading.data} />
        <aside className="panel" aria-label="Stock and promotions">
          <StockForm product={product} />
          <ProductPromotions product={product} />
        </aside>
      </div>
    </Page>
  );
}
