import assert from 'node:assert/strict';
import { describe } from 'node:test';
import {
  cancel,
  cuttableSockets,
  eventually,
  inBrowser,
  newTab,
  order,
  putIntoBasket,
  shows,
  signUp,
  watchShifts,
} from '../browser.mjs';

describe('an order', () => {
  inBrowser('is placed after sign-up and completes live', async (page) => {
    await signUp(page);
    await putIntoBasket(page);
    await page.goto('/checkout');
    await page.locator('.summary li').waitFor();
    const shifts = await watchShifts(page);
    const clicked = Date.now();
    await page.getByRole('button', { name: 'Place the order' }).click();
    await page.waitForURL('**/orders/*');
    await shows(page, 'completed');
    // For information only. The time depends on the load of the machine.
    console.log(`completed ${Date.now() - clicked} ms after the click`);
    await page.getByText('Order completed').waitFor();
    assert.equal(await page.locator('.order-now .step-done').count(), 4);
    const steps = await page.locator('.history li').allInnerTexts();
    assert.equal(steps.length, 4, steps.join());
    const { sum, moved } = await shifts();
    assert.ok(sum < 0.02, `the layout shifted by ${sum}:\n${moved.join('\n')}`);
    assert.equal(await page.getByRole('link', { name: /^Basket.*empty$/ }).count(), 1);
  });

  inBrowser('is paid with another card after a decline', async (page) => {
    await signUp(page);
    await putIntoBasket(page);
    await order(page, 'Visa (insufficient funds)');
    await shows(page, 'payment_failed');
    await page.getByText('Your card was declined: insufficient funds.').first().waitFor();
    await page.getByLabel('Pay with another test card').selectOption('pm_card_mastercard');
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await shows(page, 'completed');
    await page.getByText('Mastercard (payment succeeds)').waitFor();
    await page.getByText('payment tried again (2)').waitFor();
  });

  inBrowser('is cancelled', async (page) => {
    await signUp(page);
    await putIntoBasket(page);
    await order(page, 'Visa (declined)');
    await shows(page, 'payment_failed');
    const total = (await page.locator('.ordered tfoot td').innerText()).trim();
    // A double click opens the dialog. It does not confirm it.
    await page.getByRole('button', { name: 'Cancel the order' }).dblclick();
    await page.getByRole('dialog', { name: 'Cancel this order?' }).getByText(`${total} will not be charged`).waitFor();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await shows(page, 'payment_failed');
    await cancel(page);
    await page.getByText('Order cancelled').waitFor();
    // The button that had the focus has disappeared.
    assert.ok(await page.locator('.situation').evaluate((line) => line === document.activeElement));
    await page.getByRole('button', { name: 'Order again' }).click();
    await page.getByRole('heading', { name: 'Your basket' }).waitFor();
    await page.locator('.line').waitFor();
  });

  inBrowser('shows its whole history, even if the answer with it is late', async (page) => {
    await signUp(page);
    await putIntoBasket(page);
    let answers = 0;
    await page.route('**/api/orders/*/events', async (route) => {
      const response = await route.fetch();
      const history = await response.json();
      answers += 1;
      if (answers === 1) {
        // The answer is from before the first step and arrives after the last one.
        await shows(page, 'completed');
        history.items.length = 1;
      }
      await route.fulfill({ response, json: history });
    });
    await order(page);
    await page.getByText('Order completed').waitFor();
    const steps = await page.locator('.history li').allInnerTexts();
    assert.equal(steps.length, 4, steps.join());
  });

  inBrowser('changes in two tabs at once', async (page) => {
    await signUp(page);
    const other = await newTab(page.context());
    await other.goto('/orders');
    await other.getByText('You have not ordered anything yet.').waitFor();
    await putIntoBasket(page);
    await order(page, 'Visa (declined)');
    await shows(page, 'payment_failed');
    await other.getByText('Card declined').waitFor();
    await other
      .getByRole('link')
      .filter({ hasText: /^[0-9a-f]{8}/ })
      .click();
    await other.getByRole('button', { name: 'Pay', exact: true }).click();
    await shows(other, 'completed');
    await shows(page, 'completed');
    // A log-out in one tab ends the session in the other.
    await page.getByRole('button', { name: 'Log out' }).click();
    await other.getByRole('heading', { name: 'Log in' }).waitFor();
    await other.getByText('You logged out in another tab.').waitFor();
    assert.deepEqual(other.consoleErrors, []);
  });

  inBrowser('changes while the socket is cut, and afterwards', async (page) => {
    const sockets = await cuttableSockets(page);
    await signUp(page);
    await putIntoBasket(page);
    const id = await order(page, 'Visa (declined)');
    await shows(page, 'payment_failed');
    const other = await newTab(page.context());
    await other.goto(`/orders/${id}`);
    await shows(other, 'payment_failed');
    await sockets.cut();
    await page.getByText('Orders are not updated live.').waitFor();
    await other.getByRole('button', { name: 'Pay', exact: true }).click();
    await shows(other, 'completed');
    // Without a socket, the page polls the order.
    await shows(page, 'completed');
    await eventually('no step is missing', async () => (await page.locator('.history li').count()) === 6);
    assert.equal(await page.getByText('Orders are not updated live.').count(), 1);
    sockets.restore();
    await page.getByText('Live', { exact: true }).waitFor();
    assert.equal(await page.locator('.history li').count(), 6, 'no step comes twice');
  });

  const replicas = JSON.parse(process.env.ORDER_SERVICES ?? '[]');

  inBrowser(
    'is followed after a replica is killed',
    async (page) => {
      await signUp(page);
      await putIntoBasket(page);
      await order(page, 'Visa (declined)');
      await shows(page, 'payment_failed');
      const ours = await eventually('one replica has the socket', async () => {
        const sockets = await Promise.all(replicas.map(openSockets));
        const [serving, ...others] = replicas.filter((_, index) => sockets[index] > 0);
        return others.length === 0 && serving;
      });
      let followsAgain = false;
      page.on('websocket', (socket) => socket.on('framereceived', () => (followsAgain = true)));
      process.kill(ours.pid, 'SIGKILL');
      await eventually('the page has another socket', () => followsAgain);
      await page.getByRole('button', { name: 'Pay', exact: true }).click();
      await shows(page, 'completed');
      assert.equal(await page.locator('.history li').count(), 6, 'no step is missing');
    },
    { skip: replicas.length < 2 ? 'ORDER_SERVICES does not list two replicas' : false },
  );
});

/** The number of open sockets of a replica of order-service. */
async function openSockets({ url }) {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^sockets (\d+)$/m.exec(metrics)?.[1] ?? 0);
}
