import { describe, expect, it } from 'vitest';
import { type Basket, changed, countPieces, emptyBasket, MOST_CODES, MOST_LINES, parseBasket } from './basket';

const product = (id: string, amount_minor = 690) => ({
  id,
  sku: `SKU-${id}`,
  name: `Product ${id}`,
  category: 'Tea',
  price: { amount_minor, currency: 'EUR' },
});

const add = (basket: Basket, id: string, quantity = 1, price?: number) =>
  changed(basket, { do: 'add', product: product(id, price), quantity });
const pieces = ({ lines }: Basket) => lines.map(({ product: { id }, quantity }) => [id, quantity]);

describe('a basket', () => {
  it('adds up equal products and takes the latest price', () => {
    const basket = add(add(add(emptyBasket(), 'a'), 'b', 3), 'a', 2, 720);
    expect(pieces(basket)).toEqual([
      ['a', 3],
      ['b', 3],
    ]);
    expect(basket.lines[0]?.product.price.amount_minor).toBe(720);
    expect(countPieces(basket)).toBe(6);
  });

  it('limits quantities to those that can be ordered', () => {
    const basket = add(emptyBasket(), 'a');
    const set = (quantity: number) => changed(basket, { do: 'set', productId: 'a', quantity }).lines[0]?.quantity;
    expect([set(5), set(0), set(-2), set(2.9), set(Number.NaN), set(1001)]).toEqual([5, 1, 1, 2, 1, 1000]);
  });

  it('drops a removed line', () => {
    const basket = add(add(emptyBasket(), 'a'), 'b');
    expect(pieces(changed(basket, { do: 'remove', productId: 'a' }))).toEqual([['b', 1]]);
  });

  it('has no more lines than an order may have', () => {
    let basket = emptyBasket();
    for (let index = 0; index < MOST_LINES + 5; index += 1) basket = add(basket, String(index));
    expect(basket.lines).toHaveLength(MOST_LINES);
  });
});

describe('the codes of a basket', () => {
  const enter = (basket: Basket, code: string) => changed(basket, { do: 'enter-code', code });

  it('are kept as entered, each once', () => {
    const basket = ['Tea-Week', ' FIVE ', 'TEA-WEEK', '', ' ', 'x'.repeat(65)].reduce(enter, emptyBasket());
    expect(basket.codes).toEqual(['Tea-Week', 'FIVE']);
    expect(changed(basket, { do: 'remove-code', code: 'FIVE' }).codes).toEqual(['Tea-Week']);
  });

  it('are not more than an order may have', () => {
    const many = Array.from({ length: MOST_CODES + 2 }, (_, index) => `CODE-${index}`);
    expect(many.reduce(enter, emptyBasket()).codes).toHaveLength(MOST_CODES);
  });

  it('leave with the order, and do not return when it is rejected', () => {
    const basket = enter(add(emptyBasket(), 'a'), 'FIVE');
    const order = { id: 'o1', items: [{ product_id: 'a', quantity: 1 }] };
    const placed = changed(basket, { do: 'place', key: basket.key, order });
    expect(placed.codes).toEqual([]);
    const back = changed(placed, { do: 'settle', id: 'o1', status: 'rejected' });
    expect([pieces(back), back.codes]).toEqual([[['a', 1]], []]);
  });
});

describe('the key of a basket', () => {
  const basket = add(add(emptyBasket(), 'a', 2), 'b');
  const order = { id: 'o1', items: [{ product_id: 'a', quantity: 2 }] };

  it('stays the same until an order is placed', () => {
    expect(add(basket, 'c').key).toBe(basket.key);
    expect(changed(basket, { do: 'place', key: basket.key, order }).key).not.toBe(basket.key);
  });

  it('belongs to one order: an order with another key removes no lines', () => {
    const before = changed(basket, { do: 'place', key: basket.key, order });
    // The other tab learns about the same order later.
    expect(changed(before, { do: 'place', key: basket.key, order })).toBe(before);
  });

  it('is unanswered until the order is placed or refused', () => {
    const sent = changed(basket, { do: 'send', key: basket.key });
    expect(sent.isUnanswered).toBe(true);
    expect(add(sent, 'c').isUnanswered).toBe(true);
    expect(changed(sent, { do: 'refuse', key: basket.key }).isUnanswered).toBe(false);
    expect(changed(sent, { do: 'place', key: basket.key, order }).isUnanswered).toBe(false);
    expect(changed(basket, { do: 'send', key: 'another' })).toBe(basket);
  });
});

describe('an order of a basket', () => {
  const place = (basket: Basket, id: string, ...items: [string, number][]) =>
    changed(basket, {
      do: 'place',
      key: basket.key,
      order: { id, items: items.map(([product_id, quantity]) => ({ product_id, quantity })) },
    });
  const basket = add(add(emptyBasket(), 'a', 3), 'b');

  it('removes the ordered items and keeps those that were added later', () => {
    expect(pieces(place(basket, 'o1', ['a', 2]))).toEqual([
      ['a', 1],
      ['b', 1],
    ]);
    expect(pieces(place(basket, 'o1', ['a', 3], ['b', 1]))).toEqual([]);
  });

  it('returns its lines once, with their old prices, when it is rejected', () => {
    const after = add(place(basket, 'o1', ['a', 3], ['b', 1]), 'b', 1, 720);
    const settle = (basket: Basket) => changed(basket, { do: 'settle', id: 'o1', status: 'rejected' });
    const back = settle(after);
    expect(pieces(back)).toEqual([
      ['b', 2],
      ['a', 3],
    ]);
    expect(back.lines[1]?.product.price.amount_minor).toBe(690);
    expect(settle(back)).toBe(back);
  });

  it('returns no lines when it is accepted', () => {
    const after = place(basket, 'o1', ['a', 3], ['b', 1]);
    expect(changed(after, { do: 'settle', id: 'o1', status: 'new' })).toBe(after);
    const accepted = changed(after, { do: 'settle', id: 'o1', status: 'reserved' });
    expect([accepted.lines, accepted.placed]).toEqual([[], []]);
    expect(changed(accepted, { do: 'settle', id: 'o1', status: 'rejected' })).toBe(accepted);
  });
});

describe('a stored basket', () => {
  it('is restored', () => {
    const basket = changed(add(emptyBasket(), 'a', 2), { do: 'enter-code', code: 'FIVE' });
    expect(parseBasket(JSON.stringify(basket))).toEqual(basket);
    const order = { id: 'o1', items: [{ product_id: 'a', quantity: 1 }] };
    const placed = changed(basket, { do: 'place', key: basket.key, order });
    expect(parseBasket(JSON.stringify(placed))).toEqual(placed);
  });

  it('is read in the old form without a key', () => {
    const { lines } = add(emptyBasket(), 'a', 2);
    expect(parseBasket(JSON.stringify(lines))).toMatchObject({ lines, isUnanswered: false });
  });

  it('drops codes that cannot be read, and is read without codes', () => {
    expect(parseBasket(JSON.stringify({ codes: ['FIVE', 5, null, '', 'five'] })).codes).toEqual(['FIVE']);
    for (const codes of [undefined, null, 'FIVE', {}]) expect(parseBasket(JSON.stringify({ codes })).codes).toEqual([]);
  });

  it('drops lines that cannot be read', () => {
    const [good] = add(emptyBasket(), 'a').lines;
    for (const text of [null, '', '{', '7', '"a"', '{"a":1}', '[null, 1, {}]', '[{"quantity":2}]', '{"lines":7}']) {
      expect(parseBasket(text).lines).toEqual([]);
    }
    const priced = (price: unknown) => ({ quantity: 1, product: { ...good?.product, id: 'b', price } });
    const bad = [
      { ...good, quantity: 0 },
      { ...good, quantity: '2' },
      { quantity: 1, product: { id: 'a' } },
      null,
      priced({ amount_minor: 690, currency: 'EURO' }),
      priced({ amount_minor: 690, currency: 'eur' }),
      priced({ amount_minor: 6.9, currency: 'EUR' }),
      priced({ amount_minor: -690, currency: 'EUR' }),
      priced({ currency: 'EUR' }),
      priced(690),
      // A duplicate: an order has each product only once.
      good,
    ];
    expect(parseBasket(JSON.stringify({ lines: [good, ...bad] })).lines).toEqual([good]);
    expect(
      parseBasket(
        JSON.stringify({
          placed: [
            { id: 'o1', lines: bad },
            { id: 'o2', lines: [good] },
          ],
        }),
      ).placed,
    ).toEqual([{ id: 'o2', lines: [good] }]);
  });
});
