import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { inBrowser, isAccessible, logIn, newName, order, putIntoBasket, shows, signUp, visitor } from './browser.mjs';

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
      await page.getByLabel('Code').fill(sku);
      await page.getByLabel('Shelf').fill('Tea');
      await page.getByLabel('Price').fill('cheap');
      await page.getByRole('button', { name: 'Add the product' }).click();
      await page.locator('.field-error').waitFor();
      await page.getByLabel('Price').fill('12,90');
      await page.getByRole('button', { name: 'Add the product' }).click();
      await page.getByRole('heading', { name: 'Products and stock' }).waitFor();
      await page.getByRole('searchbox').fill('<b>Test</b>');
      await page
        .getByRole('row', { name: new RegExp(sku) })
        .getByRole('link')
        .click();
      await page.getByLabel('Pieces in the warehouse').fill('many');
      await page.getByRole('button', { name: 'Set the stock' }).click();
      await page.getByText('A count is from 0', { exact: false }).waitFor();
      await page.getByLabel('Pieces in the warehouse').fill('7');
      await page.getByRole('button', { name: 'Set the stock' }).click();
      await page.getByText('Saved: 7 in the warehouse').waitFor();
      await isAccessible(page);
      await page.getByRole('button', { name: 'Take it out of the shop' }).click();
      await page.getByRole('button', { name: 'Yes, take it out for good' }).click();
      await page.getByRole('heading', { name: 'Products and stock' }).waitFor();
      assert.deepEqual(customer.complaints, []);
      await customer.context().close();
    },
    { skip: needed },
  );
});
