import { useQuery } from '@tanstack/react-query';
import { isMissing } from '../api/problem';
import { productQuery } from '../shop/queries';
import { NotFoundPage } from '../ui/NotFoundPage';
import { Page } from '../ui/Page';
import { ErrorState, Loading } from '../ui/states';
import { ProductForm } from './ProductForm';
import { StockForm } from './StockForm';

/** A product to change; `new` to add one. */
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
  const product = useQuery({ ...productQuery(id), refetchOnMount: 'always' });
  if (product.isPending) return <Loading kind="block" rows={1} />;
  if (product.data === undefined) {
    if (isMissing(product.error)) return <NotFoundPage />;
    return <ErrorState error={product.error} retry={() => void product.refetch()} />;
  }
  return (
    <Page title={product.data.name}>
      <div className="with-aside">
        <ProductForm product={product.data} />
        <aside className="panel" aria-label="Stock">
          <StockForm product={product.data} />
        </aside>
      </div>
    </Page>
  );
}
