import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { Product } from '../api/client';
import { shortId } from '../orders/words';
import { productsQuery } from '../shop/queries';
import { Field } from '../ui/Field';
import { MoreButton } from '../ui/MoreButton';
import { namedProductsQuery } from './promotions';

interface Props {
  /** The ids of the products that are chosen at first. */
  initial: readonly string[];
  error: string | undefined;
}

/** The choice of products, with a search. It is no form, because it is a part of one. */
export function ProductChoice({ initial, error }: Props) {
  const [chosen, setChosen] = useState(initial);
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const { data: known = [] } = useQuery(namedProductsQuery(initial));
  const [wanted, setWanted] = useState('');
  const input = useRef<HTMLInputElement>(null);

  const find = () => setWanted(input.current?.value.trim() ?? '');
  const add = ({ id, name }: Product) => {
    setNames(new Map(names).set(id, name));
    setChosen([...chosen, id]);
  };
  const remove = (id: string) => {
    setChosen(chosen.filter((other) => other !== id));
    // The button had the focus and has disappeared.
    input.current?.focus();
  };
  const nameOf = (id: string) => names.get(id) ?? known.find((product) => product.id === id)?.name ?? shortId(id);

  return (
    <div className="product-choice" role="group" aria-label="Products">
      <ul className="code-list" aria-label="Chosen products">
        {chosen.map((id) => (
          <li key={id}>
            <input type="hidden" name="product_ids" value={id} />
            <bdi className="code">{nameOf(id)}</bdi>
            <button type="button" className="link" onClick={() => remove(id)}>
              Remove<span className="only-heard"> {nameOf(id)}</span>
            </button>
          </li>
        ))}
      </ul>
      <div className="staff-find">
        <Field
          ref={input}
          label="Find products"
          type="search"
          maxLength={100}
          error={error}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            find();
          }}
        />
        <button type="button" className="button" onClick={find}>
          Find
        </button>
      </div>
      {wanted !== '' && <Found q={wanted} chosen={chosen} onAdd={add} />}
    </div>
  );
}

function Found({ q, chosen, onAdd }: { q: string; chosen: readonly string[]; onAdd: (product: Product) => void }) {
  const list = useInfiniteQuery(productsQuery({ q }));
  const products = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <p role="status" className="quiet small">
        {list.isSuccess && products.length === 0 && `No products match “${q}”.`}
      </p>
      <ul className="code-list" aria-label="Found products">
        {products.map((product) => {
          const isChosen = chosen.includes(product.id);
          return (
            <li key={product.id}>
              <bdi className="code">{product.name}</bdi>
              <button
                type="button"
                className="button button-small"
                aria-disabled={isChosen}
                onClick={() => !isChosen && onAdd(product)}
              >
                {isChosen ? 'Chosen' : 'Choose'}
                <span className="only-heard"> {product.name}</span>
              </button>
            </li>
          );
        })}
      </ul>
      <MoreButton list={list} what="products" />
    </>
  );
}
