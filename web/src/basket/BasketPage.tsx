import { Link } from 'wouter';
import { Picture } from '../shop/Picture';
import { money, sum } from '../ui/format';
import { Page } from '../ui/Page';
import { Quantity } from '../ui/Quantity';
import { Empty } from '../ui/states';
import { MOST_PIECES } from './basket';
import { changeBasket, useBasket } from './useBasket';
import { type Offer, useOffers } from './useOffers';

export function BasketPage() {
  const { offers, total, canOrder } = useOffers(useBasket());
  return (
    <Page title="Your basket">
      {total === null ? (
        <Empty title="There is nothing in it yet.">
          <Link href="/" className="button button-main">
            Look around the shop
          </Link>
        </Empty>
      ) : (
        <div className="with-aside">
          <ul className="lines">
            {offers.map((offer) => (
              <Line key={offer.line.product.id} {...offer} />
            ))}
          </ul>
          <aside className="panel" aria-label="Total">
            <dl className="sums">
              <dt>Delivery</dt>
              <dd>free</dd>
              <dt className="sum-total">Total</dt>
              <dd className="sum-total">{money(total)}</dd>
            </dl>
            {canOrder ? (
              <Link href="/checkout" className="button button-main button-wide">
                Go to the checkout
              </Link>
            ) : (
              <p className="field-error">Change what is marked, then you can order.</p>
            )}
          </aside>
        </div>
      )}
    </Page>
  );
}

function Line({ line: { quantity }, product, obstacle, note }: Offer) {
  const { id, name, price } = product;
  return (
    <li className="line">
      <Picture product={product} />
      <div className="line-words">
        <Link href={`/products/${id}`} className="line-name">
          {name}
        </Link>
        <p className="quiet small">{money(price)} each</p>
        <p className="line-note" role="status">
          {obstacle !== null && <span className="field-error">{obstacle}</span>}
          {note !== null && <span className="quiet small">{note}</span>}
        </p>
      </div>
      <Quantity
        label={`Quantity of ${name}`}
        value={quantity}
        most={MOST_PIECES}
        onChange={(next) => changeBasket({ do: 'set', productId: id, quantity: next })}
      />
      <p className="line-sum">{money(sum([{ price, quantity }]) ?? price)}</p>
      <button type="button" className="link" onClick={() => changeBasket({ do: 'remove', productId: id })}>
        Remove<span className="only-heard"> {name}</span>
      </button>
    </li>
  );
}
