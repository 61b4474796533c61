import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link, useLocation, useSearchParams } from 'wouter';
import { UnavailableNotice } from '../discounts/UnavailableNotice';
import { usePrices } from '../discounts/usePrices';
import { MoreButton } from '../ui/MoreButton';
import { Page } from '../ui/Page';
import { Empty, ErrorState, Loading } from '../ui/states';
import { ProductCard } from './ProductCard';
import { categoriesQuery, productsQuery } from './queries';
import { SearchBox } from './SearchBox';

export function ShopPage() {
  const [params, setParams] = useSearchParams();
  const q = params.get('q') ?? '';
  const category = params.get('category') ?? '';
  const find = (words: string) =>
    setParams(
      (now) => {
        if (words === '') now.delete('q');
        else now.set('q', words);
        return now;
      },
      { replace: true },
    );

  return (
    <Page title="Tea, coffee, and what to drink them from">
      <div className="shop-tools">
        <Categories current={category} q={q} />
        <SearchBox value={q} onChange={find} />
      </div>
      <Products q={q} category={category} />
    </Page>
  );
}

function Categories({ current, q }: { current: string; q: string }) {
  const { data: categories = [] } = useQuery(categoriesQuery);
  const address = (category: string) => {
    const params = new URLSearchParams({ ...(category !== '' && { category }), ...(q !== '' && { q }) });
    return params.size === 0 ? '/' : `/?${params.toString()}`;
  };
  return (
    <nav className="categories" aria-label="Categories">
      {['', ...categories].map((category) => (
        <Link
          key={category}
          href={address(category)}
          className="category"
          dir="auto"
          aria-current={category === current ? 'true' : undefined}
        >
          {category === '' ? 'Everything' : category}
        </Link>
      ))}
    </nav>
  );
}

function Products({ q, category }: { q: string; category: string }) {
  const [, navigate] = useLocation();
  const products = useInfiniteQuery(productsQuery({ q, category }));
  const { reduced, isUnavailable } = usePrices(products.data?.pages.map((page) => page.items) ?? []);

  if (products.isPending) return <Loading kind="card" rows={8} />;
  if (products.data === undefined) return <ErrorState error={products.error} retry={() => void products.refetch()} />;
  const items = products.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <Empty title={q === '' ? 'This category is empty.' : `No products match “${q}”.`}>
        <button type="button" className="button" onClick={() => navigate('/')}>
          Show everything
        </button>
      </Empty>
    );
  }
  return (
    <>
      <p className="only-heard" role="status">
        {items.length} {products.hasNextPage ? 'products, and there are more' : 'products'}
      </p>
      {isUnavailable && <UnavailableNotice />}
      <ul className="cards">
        {items.map((product) => (
          <ProductCard key={product.id} product={product} reduced={reduced(product)} />
        ))}
      </ul>
      <MoreButton list={products} what="products" />
    </>
  );
}
