import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Link } from 'wouter';
import type { PricedLine } from '../api/client';
import { UnansweredNotice } from '../checkout/UnansweredNotice';
import { CodeField } from '../discounts/CodeField';
import { Adjustments, Price } from '../discounts/Price';
import { pricedLine } from '../discounts/quote';
import { QuoteNotice } from '../discounts/QuoteNotice';
import { Sums } from '../discounts/Sums';
import { type Quote, useQuote } from '../discounts/useQuote';
import { Picture } from '../shop/Picture';
import { money, sum } from '../ui/format';
import { focusHeading, Page } from '../ui/Page';
import { Quantity } from '../ui/Quantity';
import { Empty } from '../ui/states';
import { MAX_QUANTITY } from './basket';
import { changeBasket, useBasket } from './useBasket';
import { type Offer, useOffers } from './useOffers';

export function BasketPage() {
  const basket = useBasket();
  const { offers, canOrder } = useOffers(basket.lines);
  const quote = useQuote(offers, basket.codes);
  const list = useRef<HTMLUListElement>(null);
  const [removed, setRemoved] = useState('');

  const remove = (index: number, { product: { id, name } }: Offer) => {
    flushSync(() => {
      changeBasket({ do: 'remove', productId: id });
      setRemoved(name);
    });
    // The removed line had the focus. It moves to the next line, the last line, or the top.
    const lines = list.current?.querySelectorAll<HTMLElement>('.link') ?? [];
    const next = lines[Math.min(index, lines.length - 1)];
    if (next === undefined) focusHeading();
    else next.focus();
  };

  return (
    <Page title="Your basket">
      <p className="only-heard" role="status">
        {removed !== '' && `${removed} was removed.`}
      </p>
      {basket.isUnanswered && <UnansweredNotice />}
      <QuoteNotice quote={quote} />
      {offers.length === 0 ? (
        <Empty title="Your basket is empty.">
          <Link href="/" className="button button-main">
            Browse the shop
          </Link>
        </Empty>
      ) : (
        <div className="with-aside">
          <ul className="lines" ref={list}>
            {offers.map((offer, index) => (
              <Line
                key={offer.line.product.id}
                {...offer}
                priced={pricedLine(quote.pricing, { product: offer.product, quantity: offer.line.quantity })}
                onRemove={() => remove(index, offer)}
              />
            ))}
          </ul>
          <ToCheckout quote={quote} canOrder={canOrder} />
        </div>
      )}
    </Page>
  );
}

function ToCheckout({ quote, canOrder }: { quote: Quote; canOrder: boolean }) {
  return (
    <aside className="panel" aria-label="Total">
      <CodeField codes={quote.codes} />
      <Sums quote={quote}>
        <dt>Delivery</dt>
        <dd>free</dd>
      </Sums>
      {canOrder ? (
        <Link href="/checkout" className="button button-main button-wide">
          Go to the checkout
        </Link>
      ) : (
        <p className="field-error">Fix the marked items to check out.</p>
      )}
    </aside>
  );
}

interface LineProps extends Offer {
  priced: PricedLine | undefined;
  onRemove: () => void;
}

function Line({ line: { quantity }, product, obstacle, priceBefore, isSold, priced, onRemove }: LineProps) {
  const { id, name, price } = product;
  const list = sum([{ price: priced?.list_price ?? price, quantity }]) ?? price;
  const isMarked = obstacle !== null || priceBefore !== null;
  return (
    <li className={isMarked ? 'line line-marked' : 'line'}>
      <Picture product={product} />
      <div className="line-words">
        <Link href={`/products/${id}`} className="line-name" dir="auto">
          {name}
        </Link>
        <p className="quiet small">{money(price)} each</p>
        <Adjustments adjustments={priced?.adjustments} />
        <p className="line-note" role="status">
          {obstacle !== null && <span className="field-error">{obstacle} </span>}
          {priceBefore !== null && (
            <span className="price-change">
              The price has changed: it was <s>{money(priceBefore)}</s>, it is now {money(price)}.
            </span>
          )}
        </p>
      </div>
      <Quantity
        label={`Quantity of ${name}`}
        value={quantity}
        most={MAX_QUANTITY}
        onChange={(next) => changeBasket({ do: 'set', productId: id, quantity: next })}
      />
      <p className="line-sum">{isSold ? <Price price={priced?.total ?? list} list={list} /> : '–'}</p>
      <button type="button" className="link" onClick={onRemove}>
        Remove<span className="only-heard"> {name}</span>
      </button>
    </li>
  );
}
