import { Link } from 'wouter';
import type { PricedLine } from '../api/client';
import { fieldErrors, isUndecided } from '../api/problem';
import { useBasket } from '../basket/useBasket';
import { type Offer, useOffers } from '../basket/useOffers';
import { CodeField } from '../discounts/CodeField';
import { Adjustments, Price } from '../discounts/Price';
import { pricedLine } from '../discounts/quote';
import { QuoteNotice } from '../discounts/QuoteNotice';
import { Sums } from '../discounts/Sums';
import { useQuote } from '../discounts/useQuote';
import { CARDS } from '../orders/cards';
import { TextArea } from '../ui/Field';
import { sum } from '../ui/format';
import { Form } from '../ui/Form';
import { Page } from '../ui/Page';
import { Empty } from '../ui/states';
import { Submit } from '../ui/Submit';
import { ADDRESS_FIELDS, readAddress, text } from './address';
import { AddressFields } from './AddressFields';
import { CardChoice } from './CardChoice';
import { UnansweredNotice, UnansweredWords } from './UnansweredNotice';
import { usePlaceOrder } from './usePlaceOrder';

const FIELDS = ['/note', '/payment_method', ...ADDRESS_FIELDS.map((field) => `/shipping_address/${field}`)];

export function CheckoutPage() {
  const basket = useBasket();
  const { offers, canOrder } = useOffers(basket.lines);
  const quote = useQuote(offers, basket.codes);
  const placing = usePlaceOrder();
  const errors = fieldErrors(placing.error);

  // The basket is already empty while the order page loads.
  if (offers.length === 0 && !placing.isSuccess && !placing.isPending) return <NothingToOrder />;

  const isRefused = quote.codes.some(({ state }) => state === 'refused');
  const { total } = quote;

  const submit = (form: FormData) => {
    if (placing.isPending || quote.isPending || isRefused || total === null) return;
    const note = text(form, 'note');
    const address = readAddress(form);
    const body = {
      items: offers.map(({ line: { product, quantity } }) => ({ product_id: product.id, quantity })),
      payment_method: text(form, 'payment_method') || CARDS[0].token,
      // The order is rejected if the customer would pay another total than the page shows.
      expected_total: total,
      ...(basket.codes.length > 0 && { codes: [...basket.codes] }),
      ...(address && { shipping_address: address }),
      ...(note !== '' && { note }),
    };
    placing.mutate({ key: basket.key, body });
  };

  return (
    <Page title="Checkout">
      {basket.isUnanswered && placing.isIdle && <UnansweredNotice />}
      <QuoteNotice quote={quote} />
      <Form
        error={placing.error}
        words={isUndecided(placing.error) ? <UnansweredWords /> : undefined}
        fields={FIELDS}
        onSubmit={submit}
        className="with-aside"
      >
        <div className="form">
          <fieldset>
            <legend>Delivery</legend>
            <p className="hint">You may leave this empty. This demonstration sends no goods.</p>
            <AddressFields errors={errors} />
            <TextArea label="Order note (optional)" name="note" rows={2} maxLength={500} error={errors.get('/note')} />
          </fieldset>
          <fieldset>
            <legend>Payment</legend>
            <p className="hint">Test cards of the payment provider. No money moves.</p>
            <CardChoice error={errors.get('/payment_method')} />
          </fieldset>
        </div>
        <aside className="panel" aria-label="Your order">
          <ul className="summary">
            {offers.map((offer) => (
              <SummaryLine
                key={offer.line.product.id}
                {...offer}
                priced={pricedLine(quote.pricing, { product: offer.product, quantity: offer.line.quantity })}
              />
            ))}
          </ul>
          <CodeField codes={quote.codes} />
          <Sums quote={quote} />
          {canOrder || placing.isPending || placing.isSuccess ? (
            <Submit busy={placing.isPending || quote.isPending} isBlocked={isRefused}>
              Place the order
            </Submit>
          ) : (
            <p className="field-error">
              Fix the marked items in your <Link href="/basket">basket</Link> to order.
            </p>
          )}
        </aside>
      </Form>
    </Page>
  );
}

interface SummaryProps extends Offer {
  priced: PricedLine | undefined;
}

function SummaryLine({
  line: { quantity },
  product: { name, price },
  obstacle,
  priceBefore,
  isSold,
  priced,
}: SummaryProps) {
  const list = sum([{ price: priced?.list_price ?? price, quantity }]) ?? price;
  return (
    <li>
      <div className="summary-name">
        {quantity} × <bdi>{name}</bdi>
        {obstacle !== null && <span className="field-error"> {obstacle}</span>}
        {priceBefore !== null && <span className="quiet small"> The price has changed.</span>}
        <Adjustments adjustments={priced?.adjustments} />
      </div>
      <span>{isSold ? <Price price={priced?.total ?? list} list={list} /> : '–'}</span>
    </li>
  );
}

function NothingToOrder() {
  return (
    <Page title="Checkout">
      <Empty title="Your basket is empty.">
        <p>
          Orders that you placed in this tab or another one are under <Link href="/orders">My orders</Link>.
        </p>
        <Link href="/" className="button">
          Browse the shop
        </Link>
      </Empty>
    </Page>
  );
}
