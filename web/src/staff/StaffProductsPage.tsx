import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'wouter';
import { productsQuery } from '../shop/queries';
import { SearchBox } from '../shop/SearchBox';
import { money } from '../ui/format';
import { MoreButton } from '../ui/MoreButton';
import { Page } from '../ui/Page';
import { Empty, ErrorState, Loading } from '../ui/states';

export default function StaffProductsPage() {
  const [params, setParams] = useSearchParams();
  const q = params.get('q') ?? '';
  return (
    <Page
      title="Products and stock"
      aside={
        <Link href="/staff/products/new" className="button">
          Add a product
        </Link>
      }
    >
      <div className="staff-tools">
        <SearchBox value={q} onChange={(words) => setParams(words === '' ? {} : { q: words }, { replace: true })} />
      </div>
      <Products q={q} />
    </Page>
  );
}

function Products({ q }: { q: string }) {
  const list = useInfiniteQuery({ ...productsQuery({ q }), refetchOnMount: 'always' });
  if (list.isPending) return <Loading rows={8} />;
  if (list.data === undefined) return <ErrorState error={list.error} retry={() => void list.refetch()} />;
  const products = list.data.pages.flatMap((page) => page.items);
  if (products.length === 0) return <Empty title={q === '' ? 'No products yet.' : `No products match “${q}”.`} />;
  return (
    <>
      <div className="table-scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Product</th>
              <th scope="col">SKU</th>
              <th scope="col">Category</th>
              <th scope="col" className="numeric">
                Price
              </th>
              <th scope="col" className="numeric">
                Available
              </th>
            </tr>
          </thead>
          <tbody>
            {products.map(({ id, name, sku, category, price, available }) => (
              <tr key={id}>
                <th scope="row">
                  <Link href={`/staff/products/${id}`}>{name}</Link>
                </th>
                <td className="number">{sku}</td>
                <td>{category}</td>
                <td className="numeric">{money(price)}</td>
                <td className="numeric">{available}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <MoreButton list={list} what="products" />
    </>
  );
}
