import assert from 'node:assert/strict';
import { describe } from 'node:test';
import {
  inBrowser,
  isAccessible,
  logIn,
  newName,
  newProduct,
  newTab,
  order,
  putIntoBasket,
  shows,
  signUp,
  visitor,
} from '../browser.mjs';

describe('staff', () => {
  const { STAFF_USERNAME, STAFF_PASSWORD } = process.env;
  const needed = STAFF_PASSWORD === undefined ? 'STAFF_PASSWORD is not set' : false;

  inBrowser(
    'change stock and price, follow all orders and refund',
    async (page) => {
      const customer = await visitor();
      await signUp(customer);
      await putIntoBasket(customer);
      const id = await order(customer);
      await shows(customer, 'completed');

      await page.goto('/login?next=/staff/orders');
      await logIn(page, STAFF_USERNAME, STAFF_PASSWORD);
      await page.getByRole('heading', { name: 'All orders' }).waitFor();
      await isAccessible(page);
      await page.getByRole('link', { name: new RegExp(id.slice(-8)) }).click();
      await page.getByRole('button', { name: 'Refund the customer' }).click();
      await page.getByRole('button', { name: /^Yes, refund €/ }).click();
      await shows(page, 'refunded');
      await shows(customer, 'refunded');

      await page.goto('/staff/products/new');
      const sku = newName('TEST');
      await page.getByLabel('Name').fill('<b>Test</b> tea');
      await page.getByLabel('SKU').fill(sku);
      await page.getByLabel('Category').fill('Tea');
      for (const bad of ['ten', '12.345']) {
        await page.getByLabel('Price').fill(bad);
        await page.getByRole('button', { name: 'Add the product' }).click();
        await page.getByText('Enter a price such as 12.50 EUR, with at most 2 decimals.').waitFor();
        await page.locator('input[name=price]:focus').waitFor();
      }
      await page.getByLabel('Price').fill('12,90');
      await page.getByRole('button', { name: 'Add the product' }).click();
      await page.getByRole('heading', { name: 'Products and stock' }).waitFor();
      await page.getByRole('searchbox').fill('<b>Test</b>');
      await page
        .getByRole('row', { name: new RegExp(sku) })
        .getByRole('link')
        .click();
      await page.getByLabel('Pieces in the warehouse').fill('many');
      await page.getByRole('button', { name: 'Update stock' }).click();
      await page.getByText('Enter a whole number of pieces, such as 12.').waitFor();
      await page.getByLabel('Pieces in the warehouse').fill('7');
      await page.getByRole('button', { name: 'Update stock' }).click();
      await page.getByText('Saved: 7 in the warehouse').waitFor();
      await isAccessible(page);
      // A double click opens the dialog. It does not confirm it.
      await page.getByRole('button', { name: 'Delete product' }).dblclick();
      await page.getByRole('dialog', { name: 'Delete this product?' }).waitFor();
      await isAccessible(page);
      await page.getByRole('button', { name: 'Keep it' }).click();
      await page.getByRole('button', { name: 'Delete product' }).click();
      await page.getByRole('button', { name: 'Yes, delete it' }).click();
      await page.getByRole('heading', { name: 'Products and stock' }).waitFor();
      assert.deepEqual(customer.consoleErrors, []);
      await customer.context().close();
    },
    { skip: needed },
  );

  inBrowser(
    'see a change that was made while they edited, and do not overwrite it by accident',
    async (page) => {
      const product = await newProduct({ description: 'Black.', price: { amount_minor: 690, currency: 'EUR' } });
      const address = `/staff/products/${product.id}`;
      await page.goto(`/login?next=${address}`);
      await logIn(page, STAFF_USERNAME, STAFF_PASSWORD);
      await page.getByLabel('Description').fill('Black and strong.');

      const other = await newTab(page.context());
      await other.goto(address);
      await other.getByLabel('Price').fill('7.50');
      await other.getByRole('button', { name: 'Save' }).click();
      await other.getByRole('heading', { name: 'Products and stock' }).waitFor();
      // A sale or a stock count is not such a change.
      await product.stock(4);

      const save = page.getByRole('button', { name: 'Save', exact: true });
      const notice = page.getByRole('alert');
      await save.click();
      await notice.getByText('This product was changed while you edited it.').waitFor();
      assert.match(await notice.innerText(), /Price[^]*€6\.90[^]*€7\.50/);
      assert.equal(await page.getByLabel('Description').inputValue(), 'Black and strong.');
      assert.equal(await product.priceMinor(), 750);
      await isAccessible(page);
      // Save again without a choice: nothing is overwritten.
      await save.click();
      await notice.waitFor();
      assert.equal(await product.priceMinor(), 750);

      await notice.getByRole('button', { name: 'Load the new values' }).click();
      await notice.waitFor({ state: 'detached' });
      assert.equal(await page.getByLabel('Price').inputValue(), '7.50');
      assert.equal(await page.getByLabel('Description').inputValue(), 'Black and strong.');
      await product.costs(800);
      await page.getByLabel('Price').fill('7.20');
      await save.click();
      await notice.getByText('€8.00').waitFor();
      await notice.getByRole('button', { name: 'Overwrite them with mine' }).click();
      await page.getByRole('heading', { name: 'Products and stock' }).waitFor();
      assert.equal(await product.priceMinor(), 720);

      // The form starts with the saved values, not with those of an earlier visit.
      await page.goBack();
      await page.getByLabel('Price').waitFor();
      assert.equal(await page.getByLabel('Price').inputValue(), '7.20');
      assert.deepEqual(other.consoleErrors, []);
    },
    { skip: needed },
  );

  inBrowser(
    'find an order, its customer and the customer’s other orders',
    async (page) => {
      const customer = await visitor();
      const name = await signUp(customer);
      await putIntoBasket(customer);
      const id = await order(customer, 'Visa (declined)');
      await shows(customer, 'payment_failed');
      await customer.getByText('Your card was declined', { exact: false }).waitFor();

      await page.goto('/login?next=/staff/orders');
      await logIn(page, STAFF_USERNAME, STAFF_PASSWORD);
      const number = page.getByLabel('Order number or customer');
      const find = page.getByRole('button', { name: 'Find' });
      await number.fill('');
      await find.click();
      await page.getByText('Enter an order number').waitFor();
      await number.fill(`${name}-x`);
      await find.click();
      await page.getByText('No customer has this user name or e-mail address.').waitFor();
      await number.fill('01900000-0000-7000-8000-000000000009');
      await find.click();
      await page.getByText('No order and no customer has this number.').waitFor();
      await isAccessible(page);
      await number.fill(id);
      await find.click();
      await page.waitForURL(`**/orders/${id}`);
      await shows(page, 'payment_failed');
      const situation = await page.locator('.situation').innerText();
      assert.match(situation, /^The customer’s card was declined/);
      assert.doesNotMatch(situation, /\byour?\b/i);

      for (const words of [name.toUpperCase(), `${name}@example.com`]) {
        await page.goto('/staff/orders');
        await number.fill(words);
        await find.click();
        await page.waitForURL('**/staff/orders?customer=*');
      }
      // The short number as lists show it, in upper case.
      await number.fill(id.slice(-8).toUpperCase());
      await find.click();
      await page.waitForURL(`**/orders/${id}`);

      await page.getByRole('link', { name }).click();
      await page.waitForURL('**/staff/orders?customer=*');
      const rows = page.locator('.staff-row');
      await rows.first().waitFor();
      assert.equal(await rows.count(), 1);
      await rows.getByText('€').waitFor();
      await rows.getByRole('link', { name }).waitFor();
      await page.getByLabel('Status').selectOption('refunded');
      await page.getByText('No orders with this status.').waitFor();
      await page.getByLabel('Status').selectOption('');
      await page.getByRole('button', { name: 'Show all customers' }).click();
      await page.getByRole('button', { name: 'Show all customers' }).waitFor({ state: 'hidden' });
      assert.ok(await page.locator('h1').evaluate((heading) => heading === document.activeElement));
      assert.deepEqual(customer.consoleErrors, []);
      await customer.context().close();
    },
    { skip: needed },
  );

  inBrowser(
    'see a new order and its steps live in the list, without polling',
    async (page) => {
      let hints = 0;
      let readings = 0;
      page.on('websocket', (socket) =>
        socket.on('framereceived', ({ payload }) => {
          if (JSON.parse(payload).type === 'orders_changed') hints += 1;
        }),
      );
      page.on('request', (request) => {
        if (new URL(request.url()).pathname === '/api/orders') readings += 1;
      });
      await page.goto('/login?next=/staff/orders');
      await logIn(page, STAFF_USERNAME, STAFF_PASSWORD);
      await page.getByRole('heading', { name: 'All orders' }).waitFor();

      const customer = await visitor();
      await signUp(customer);
      await putIntoBasket(customer);
      const id = await order(customer);
      const row = page.locator('.staff-row').filter({ hasText: id.slice(-8) });
      await row.getByText('Completed').waitFor();
      assert.ok(hints > 0);
      // The first read opens the list.
      assert.ok(readings <= hints + 1, `${readings} readings after ${hints} hints`);
      assert.deepEqual(customer.consoleErrors, []);
      await customer.context().close();
    },
    { skip: needed },
  );

  inBrowser(
    'have their navigation in one row on a small phone',
    async (page) => {
      await page.goto('/login?next=/staff/orders');
      await logIn(page, STAFF_USERNAME, STAFF_PASSWORD);
      const links = page.getByRole('navigation', { name: 'Staff' }).getByRole('link');
      await links.first().waitFor();
      const tops = await links.evaluateAll((all) => all.map((link) => link.getBoundingClientRect().top));
      assert.equal(tops.length, 6);
      assert.equal(new Set(tops).size, 1, tops.join());
      for (const address of [
        '/staff/orders',
        '/staff/products/new',
        '/staff/promotions',
        '/staff/deliveries',
        '/staff/promotions/new',
        '/staff/queues',
        '/staff/parked',
      ]) {
        await page.goto(address);
        await page.locator('h1').waitFor();
        const [inner, whole] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth]);
        assert.ok(whole <= inner, `${address} is ${whole} px wide`);
      }
    },
    { skip: needed, viewport: { width: 320, height: 640 } },
  );
});
