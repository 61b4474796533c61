import assert from 'node:assert/strict';
import { describe } from 'node:test';
import {
  inBrowser,
  isAccessible,
  newProduct,
  newTab,
  order,
  putIntoBasket,
  putProduct,
  screenshot,
  shows,
  signUp,
  withoutStaff,
} from '../browser.mjs';

const skip = withoutStaff;
const isEmpty = (page) => page.getByRole('link', { name: /^Basket.*empty$/ }).waitFor();

async function countOrders(page) {
  await page.goto('/orders');
  await page.locator('.order-row').first().waitFor();
  return page.locator('.order-row').count();
}

describe('a basket', () => {
  inBrowser('places one order from two tabs with different cards', async (page) => {
    await signUp(page);
    await putIntoBasket(page);
    let letGo;
    const answered = new Promise((resolve) => (letGo = resolve));
    await page.route('**/api/orders', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      const response = await route.fetch();
      await answered;
      return route.fulfill({ response });
    });
    await page.goto('/checkout');
    const arrived = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/orders'));
    await page.getByRole('button', { name: 'Place the order' }).click();
    await arrived;

    const other = await newTab(page.context());
    const id = await order(other, 'Mastercard (payment succeeds)');
    await other.getByText('This basket was ordered before.').waitFor();
    await shows(other, 'completed');
    letGo();
    await page.waitForURL(`**/orders/${id}`);
    assert.equal(await countOrders(page), 1);
    await isEmpty(page);
    // The next basket is another order.
    await putIntoBasket(page);
    assert.notEqual(await order(page), id);
    assert.deepEqual(other.consoleErrors, []);
  });

  inBrowser('is not ordered twice after its answer and its tab were lost', async (page) => {
    await signUp(page);
    await putIntoBasket(page);
    await page.route('**/api/orders', async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      await route.fetch();
      return route.abort();
    });
    await page.goto('/checkout');
    await page.getByRole('button', { name: 'Place the order' }).click();
    const alert = page.getByRole('alert').filter({ hasText: 'your order may have been placed' });
    await alert.getByRole('link', { name: 'My orders' }).waitFor();
    await isAccessible(page);
    await screenshot(page, 'light-checkout-unanswered');

    const next = await newTab(page.context());
    await page.close();
    await next.goto('/basket');
    await next.getByText('your order may have been placed').waitFor();
    await isAccessible(next);
    await order(next);
    await shows(next, 'completed');
    assert.equal(await countOrders(next), 1);
    await isEmpty(next);
    assert.deepEqual(next.consoleErrors, []);
  });

  inBrowser(
    'is restored when its order is rejected, and marks the changed line',
    async (page) => {
      const [tea, cup] = [await newProduct(), await newProduct({ name: 'A cup that stays as it is' })];
      await signUp(page);
      await putProduct(page, tea);
      await putProduct(page, cup);
      await page.goto('/checkout');
      await page.locator('.summary li').nth(1).waitFor();
      await tea.costs(720);
      await page.getByRole('button', { name: 'Place the order' }).click();
      await page.waitForURL('**/orders/*');
      await shows(page, 'rejected');
      await page.getByRole('row', { name: tea.name }).getByText('Was €6.90 each, is now €7.20.').waitFor();
      assert.equal(await page.locator('.ordered-change').count(), 1);
      await isAccessible(page);
      await screenshot(page, 'light-order-rejected');

      await page.getByRole('link', { name: 'Review your basket' }).click();
      const line = page.locator('.line', { hasText: tea.name });
      await line.getByText('The price has changed: it was €6.90, it is now €7.20.').waitFor();
      assert.equal(await page.locator('.line').count(), 2);
      assert.equal(await page.locator('.line-marked').count(), 1);
      assert.equal(await page.locator('dd.sum-total').innerText(), '€14.10');
      await screenshot(page, 'light-basket-marked');
      await order(page);
      await shows(page, 'completed');
      await isEmpty(page);
    },
    { skip },
  );

  inBrowser(
    'marks lines that can no longer be ordered, and leaves them out of the total',
    async (page) => {
      const [tea, cup] = [await newProduct(), await newProduct()];
      await signUp(page);
      await putProduct(page, tea);
      await putProduct(page, cup);
      await page.goto('/checkout');
      await page.locator('.summary li').nth(1).waitFor();
      await tea.stock(0);
      await page.getByRole('button', { name: 'Place the order' }).click();
      await page.waitForURL('**/orders/*');
      await shows(page, 'rejected');
      await page.getByRole('row', { name: tea.name }).getByText('This is sold out.').waitFor();
      await cup.remove();
      await page.goto('/basket');
      await page.getByText('This is no longer sold.').waitFor();
      await page.getByText('This is sold out.').waitFor();
      assert.equal(await page.locator('dd.sum-total').innerText(), '–');
      await tea.stock(5);
      await page.reload();
      await page.getByText('This is no longer sold.').waitFor();
      assert.equal(await page.locator('dd.sum-total').innerText(), '€6.90');
      await page.getByText('Fix the marked items to check out.').waitFor();
    },
    { skip },
  );

  inBrowser('keeps the focus near a removed line', async (page) => {
    for (const words of ['Earl Grey', 'Hand Grinder', 'Cantucci']) await putIntoBasket(page, words);
    await page.goto('/basket');
    const remove = page.getByRole('button', { name: /^Remove/ });
    const focused = () => page.evaluate(() => document.activeElement.textContent);
    await remove.nth(1).click();
    assert.match(await focused(), /^Remove .*Cantucci/);
    await remove.nth(1).click();
    assert.match(await focused(), /^Remove .*Earl Grey/);
    await remove.click();
    assert.equal(await focused(), 'Your basket');
  });

  inBrowser('drops damaged lines', async (page) => {
    await putIntoBasket(page);
    await page.evaluate(() => {
      const basket = JSON.parse(localStorage.getItem('orderflow.basket'));
      const [{ product }] = basket.lines;
      const bad = { quantity: 1, product: { ...product, id: 'bad', price: { amount_minor: 690, currency: 'EURO' } } };
      localStorage.setItem('orderflow.basket', JSON.stringify({ ...basket, lines: [...basket.lines, bad] }));
    });
    await page.goto('/basket');
    await page.locator('.line').waitFor();
    assert.equal(await page.locator('.line').count(), 1);
  });
});
