import { Link } from 'wouter';
import { fieldErrors, isUndecided } from '../api/problem';
import { useBasket } from '../basket/useBasket';
import { type Offer, useOffers } from '../basket/useOffers';
import { CARDS } from '../orders/cards';
import { TextArea } from '../ui/Field';
import { money } from '../ui/format';
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
  const { offers, total, canOrder } = useOffers(basket.lines);
  const placing = usePlaceOrder();
  const errors = fieldErrors(placing.error);

  // The basket is already empty while the order page loads.
  if (offers.length === 0 && !placing.isSuccess && !placing.isPending) return <NothingToOrder />;

  const submit = (form: FormData) => {
    if (placing.isPending || total === null) return;
    const note = text(form, 'note');
    const address = readAddress(form);
    const body = {
      items: offers.map(({ line: { product, quantity } }) => ({ product_id: product.id, quantity })),
      payment_method: text(form, 'payment_method') || CARDS[0].token,
      expected_total: total,
      ...(address && { shipping_address: address }),
      ...(note !== '' && { note }),
    };
    placing.mutate({ key: basket.key, body });
  };

  return (
    <Page title="Checkout">
      {basket.isUnanswered && placing.isIdle && <UnansweredNotice />}
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
              <SummaryLine key={offer.line.product.id} {...offer} />
            ))}
          </ul>
          <dl className="sums">
            <dt className="sum-total">Total</dt>
            <dd className="sum-total">{total && money(total)}</dd>
          </dl>
          {canOrder || placing.isPending || placing.isSuccess ? (
            <Submit busy={placing.isPending}>Place the order</Submit>
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

function SummaryLine({ line: { quantity }, product: { name, price }, obstacle, priceBefore, isSold }: Offer) {
  return (
    <li>
      <span className="summary-name">
        {quantity} × <bdi>{name}</bdi>
        {obstacle !== null && <span className="field-error"> {obstacle}</span>}
        {priceBefore !== null && <span className="quiet small"> The price has changed.</span>}
      </span>
      <span>{isSold ? money({ ...price, amount_minor: price.amount_minor * quantity }) : '–'}</span>
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
