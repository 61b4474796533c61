// Staff read parked messages. These tests need a staff user, and the broker to park messages like a worker.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import {
  eventually,
  inBrowser,
  isAccessible,
  logIn,
  newName,
  order,
  putIntoBasket,
  screenshot,
  shows,
  signUp,
  visitor,
} from '../browser.mjs';

const { STAFF_USERNAME, STAFF_PASSWORD, AMQP_URL, AMQP_MANAGEMENT_URL } = process.env;
const skip = [STAFF_PASSWORD, AMQP_URL, AMQP_MANAGEMENT_URL].includes(undefined)
  ? 'STAFF_PASSWORD, AMQP_URL or AMQP_MANAGEMENT_URL is not set'
  : false;

const HTML = '<img src=x onerror=alert(1)>';
const SCREENS = {
  light: { viewport: { width: 1280, height: 900 } },
  dark: { viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

/** Parks a message as order-processor does, through RabbitMQ's management API. */
async function park(properties, payload) {
  const { username, password, pathname } = new URL(AMQP_URL);
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const answer = await fetch(new URL(`/api/exchanges${pathname}/park/publish`, AMQP_MANAGEMENT_URL), {
    method: 'POST',
    headers: { Authorization: `Basic ${btoa(credentials)}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ routing_key: 'order-processor', properties, payload, payload_encoding: 'string' }),
  });
  if (!answer.ok) throw new Error(`RabbitMQ answered ${answer.status}: ${await answer.text()}`);
}

const parkPoison = (id, reason) =>
  park({ message_id: id, type: 'order_paid', correlation_id: HTML, headers: { 'x-reason': reason } }, HTML);

/** Parks a repeated `order_paid` event. */
const parkPaid = (orderId) =>
  park(
    { message_id: newName('paid'), type: 'order_paid', correlation_id: orderId, headers: { 'x-reason': 'no answer' } },
    JSON.stringify({
      id: crypto.randomUUID(),
      schema: 1,
      order_id: orderId,
      user_id: crypto.randomUUID(),
      version: 3,
      status: 'paid',
      at: new Date().toISOString(),
      type: 'order_paid',
      data: { attempt: 1, payment_id: 'pi_1' },
    }),
  );

async function staffAt(page, address, heading) {
  await page.goto(`/login?next=${address}`);
  await logIn(page, STAFF_USERNAME, STAFF_PASSWORD);
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
}

describe('staff and the broker', () => {
  inBrowser(
    'a parked message is shown with its reason, replayed and discarded',
    async (page) => {
      const customer = await visitor();
      await signUp(customer);
      await putIntoBasket(customer);
      const id = await order(customer);
      await shows(customer, 'completed');

      await staffAt(page, '/staff/parked', 'Parked messages');
      await page.getByText('Nothing is parked.').waitFor();
      await isAccessible(page);

      // The message appears without a reload. Its content is shown as text only.
      await parkPoison(newName('poison'), '<b>No sense</b>');
      const poison = page.getByRole('listitem').filter({ hasText: '<b>No sense</b>' });
      await poison.waitFor();
      await poison.getByRole('button', { name: 'Show the message' }).click();
      await poison.getByRole('region', { name: 'Body' }).getByText(HTML).waitFor();
      await isAccessible(page);

      // The poison message is parked again, with the worker's own reason.
      await poison.getByRole('button', { name: 'Replay' }).click();
      const again = page.getByRole('listitem').filter({ hasText: 'not a valid event' });
      await again.waitFor();
      assert.equal(await page.getByText('The message is back in order-processor.').count(), 0);
      await page.getByText('The message failed again and is parked.').waitFor();
      const age = again.locator('time');
      const first = await age.innerText();
      await eventually('the age grows', async () => (await age.innerText()) !== first);
      // A double click opens the dialog. It does not confirm it.
      await again.getByRole('button', { name: 'Discard' }).dblclick();
      await page.getByRole('dialog', { name: 'Discard this message?' }).waitFor();
      await isAccessible(page);
      await page.getByRole('button', { name: 'Keep it' }).click();
      await again.getByRole('button', { name: 'Discard' }).click();
      await again.getByRole('button', { name: 'Yes, discard it' }).click();
      await page.getByText('The message was discarded.').waitFor();
      await page.getByText('Nothing is parked.').waitFor();

      // A valid message is handled. This one has no effect, because the order is already paid.
      await parkPaid(id);
      const paid = page.getByRole('listitem').filter({ hasText: 'no answer' });
      await paid.getByRole('button', { name: 'Replay' }).click();
      await page.getByText('The message is back in order-processor.').waitFor();
      await page.getByText('Nothing is parked.').waitFor();
      await shows(customer, 'completed');
      await customer.context().close();
    },
    { skip },
  );

  for (const [screen, options] of Object.entries(SCREENS)) {
    inBrowser(
      `both pages are accessible, ${screen}`,
      async (page) => {
        await staffAt(page, '/staff/queues', 'Queues');
        await page.getByRole('row', { name: /^payment-worker/ }).waitFor();
        await isAccessible(page);
        await screenshot(page, `${screen}-staff-queues`);

        await parkPoison(newName('poison'), 'given up: the payment provider does not answer');
        await page.getByRole('link', { name: 'Parked' }).click();
        await page.getByRole('button', { name: 'Show the message' }).click();
        await page.getByRole('region', { name: 'Body' }).waitFor();
        await isAccessible(page);
        await screenshot(page, `${screen}-staff-parked`);
        await page.getByRole('button', { name: 'Discard' }).click();
        await page.getByRole('button', { name: 'Yes, discard it' }).click();
        await page.getByText('Nothing is parked.').waitFor();
      },
      { skip, ...options },
    );
  }
});
